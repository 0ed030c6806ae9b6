"""Starts telemetry if the environment names a receiver."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sq_stagekit.telemetry.interface import RunSpan, Telemetry

_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_PARENT = "TRACEPARENT"


def start_telemetry(context: Mapping[str, str], log: logging.Logger) -> Telemetry:
    """Telemetry of a stage.

    Args:
        context: what every log line carries: run, market, stage, shard, try.
        log: the stage's logger; its events become events of the spans.
    """
    if not _is_enabled():
        return Telemetry()
    try:
        from sq_stagekit.telemetry.otlp import OtlpTelemetry

        return OtlpTelemetry(context, os.environ.get(_PARENT, ""), log)
    except Exception as error:  # a stage must never fail because of its telemetry
        _warn(log, error)
        return Telemetry()


@contextmanager
def span_of_run(name: str, run_id: str, log: logging.Logger) -> Iterator[Callable[[int], None]]:
    """A span over a whole run. TRACEPARENT names it to the stages that are started within it.

    Yields:
        A function that takes the run's exit code.
    """
    before = os.environ.get(_PARENT, "")
    span = _run_span(name, run_id, before, log)
    os.environ[_PARENT] = span.traceparent or before
    try:
        yield span.ended
    finally:
        os.environ[_PARENT] = before
        span.close()


def _run_span(name: str, run_id: str, parent: str, log: logging.Logger) -> RunSpan:
    if not _is_enabled():
        return RunSpan()
    try:
        from sq_stagekit.telemetry.otlp_run_span import OtlpRunSpan

        return OtlpRunSpan(name, run_id, parent, log)
    except Exception as error:  # a run must never fail because of its telemetry
        _warn(log, error)
        return RunSpan()


def _is_enabled() -> bool:
    return bool(os.environ.get(_ENDPOINT)) and os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true"


def _warn(log: logging.Logger, error: Exception) -> None:
    log.warning("telemetry could not be started", extra={"error": str(error)})
