"""Traces and metrics of a stage, where OTEL_EXPORTER_OTLP_ENDPOINT names a receiver; else nothing, at no cost.

The span of a stage is a child of TRACEPARENT's, which whoever starts the stages of a run gives all of them. Its
phases are spans within it, and what it logs is on them as events. A log event that counts `calls` of a service
(with `usd` where they are paid for, and tokens) becomes a span of its own, and feeds the metrics.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
PARENT = "TRACEPARENT"


class Telemetry:
    """Says nothing to anybody."""

    def phase(self, _name: str) -> AbstractContextManager[object]:
        """A span over a part of the stage's work; phases may nest."""
        return nullcontext()

    def published(self, counts: Mapping[str, int]) -> None:
        """Takes the records of the artefact, by kind."""

    def end(self, _exit_code: int) -> None:
        """Sends what is left. Takes a few seconds at most, whatever the receiver does."""


def start_telemetry(context: Mapping[str, str], log: logging.Logger) -> Telemetry:
    """Telemetry of a stage.

    Args:
        context: of every log line: run, market, stage, shard, try.
        log: the stage's own; its events go on the spans.
    """
    if not is_wanted():
        return Telemetry()
    try:
        from sq_stagekit.otlp import OtlpTelemetry

        return OtlpTelemetry(context, log)
    except Exception as error:  # whatever is wrong with it, the stage's work goes on
        log.warning("no telemetry", extra={"error": str(error)})
        return Telemetry()


class RunSpan:
    """The span of a run: none.

    Attributes:
        traceparent: names it to the stages of the run (W3C Trace Context).
    """

    traceparent = ""

    def ended(self, _exit_code: int) -> None:
        """Takes how the run ended."""

    def close(self) -> None:
        """Sends it."""


def is_wanted() -> bool:
    """Whether the environment names a receiver, and does not switch all of it off."""
    return bool(os.environ.get(ENDPOINT)) and os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true"


@contextmanager
def span_of_run(name: str, run_id: str, log: logging.Logger) -> Iterator[Callable[[int], None]]:
    """A span over a whole run: TRACEPARENT names it to the stages that are started meanwhile.

    Yields:
        What takes the run's exit code.
    """
    span = _started(name, run_id, log)
    before = os.environ.get(PARENT, "")
    os.environ[PARENT] = span.traceparent or before
    try:
        yield span.ended
    finally:
        os.environ[PARENT] = before
        span.close()


def _started(name: str, run_id: str, log: logging.Logger) -> RunSpan:
    if not is_wanted():
        return RunSpan()
    try:
        from sq_stagekit.otlp import OtlpRunSpan

        return OtlpRunSpan(name, run_id, log)
    except Exception as error:  # whatever is wrong with it, the run goes on
        log.warning("no telemetry", extra={"error": str(error)})
        return RunSpan()
