"""Sends spans and metrics to the receiver: OTLP as protobuf over HTTP."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

# How long the end of a stage waits for the receiver.
_CLOSE_SECONDS = 3.0
_REQUEST_SECONDS = 2.0
_METRICS_INTERVAL_SECONDS = 30.0


class Sender:
    """Spans and metrics of one process, sent from threads of its own.

    Args:
        service: name of the process.
        context: resource attributes, without their prefix "sq.".
        log: gets one warning if the receiver does not accept the data.
    """

    def __init__(self, service: str, context: Mapping[str, str], log: logging.Logger) -> None:
        _warn_once(log)
        resource = Resource.create(
            {"service.name": service, "service.namespace": "sq", "service.instance.id": str(uuid.uuid4())}
            | {f"sq.{name}": value for name, value in context.items() if value}
        )
        self._spans = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=_REQUEST_SECONDS)))
        reader = PeriodicExportingMetricReader(
            OTLPMetricExporter(timeout=_REQUEST_SECONDS), export_interval_millis=1000 * _METRICS_INTERVAL_SECONDS
        )
        self.meters = MeterProvider([reader], resource, shutdown_on_exit=False)
        self.tracer = self._spans.get_tracer("sq")

    def start_span(self, name: str, traceparent: str) -> Span:
        """A span below the one that `traceparent` names; a root span if that is empty or invalid."""
        return self.tracer.start_span(name, TraceContextTextMapPropagator().extract({"traceparent": traceparent}))

    def close(self) -> None:
        """Sends what is left. Gives up after a few seconds: the threads are daemons and end with the process."""
        sending = [
            threading.Thread(target=flush, args=(1000 * _CLOSE_SECONDS,), daemon=True)
            for flush in (self._spans.force_flush, self.meters.force_flush)
        ]
        deadline = time.monotonic() + _CLOSE_SECONDS
        for thread in sending:
            thread.start()
        for thread in sending:
            thread.join(max(deadline - time.monotonic(), 0))


class _FirstWarning(logging.Handler):
    """Passes on the first warning, and drops the others."""

    def __init__(self, log: logging.Logger) -> None:
        super().__init__(logging.WARNING)
        self._log = log
        self._warned = False

    def emit(self, record: logging.LogRecord) -> None:
        if not self._warned:
            self._warned = True
            self._log.warning("telemetry is not sent", extra={"problem": record.getMessage()})


def _warn_once(log: logging.Logger) -> None:
    """Reduces the libraries' messages to one warning, so that an error in the log is always the stage's own."""
    for name in ("opentelemetry", "urllib3"):
        library = logging.getLogger(name)
        library.handlers, library.propagate = [_FirstWarning(log)], False
