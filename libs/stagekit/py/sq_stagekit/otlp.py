"""Telemetry by OpenTelemetry, over OTLP as protobuf by HTTP. Imported only where a receiver is named."""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from sq_stagekit import errors
from sq_stagekit.logs import own_fields
from sq_stagekit.telemetry import PARENT, RunSpan, Telemetry

# How long a stage's end waits for the receiver.
_LAST_SECONDS = 3.0
_SECONDS_A_REQUEST = 2.0
_METRICS_SECONDS = 30.0
# Events of one span; more would make it too large to be useful.
_EVENTS = 100

OUTCOMES = {
    errors.EXIT_DONE: "done",
    errors.EXIT_BAD_INPUT: "bad input",
    errors.EXIT_TRY_AGAIN: "try again",
}
_TOKENS = ("input_tokens", "cached_tokens", "output_tokens")


class OtlpTelemetry(Telemetry):
    """Spans and metrics of one stage, sent from threads of their own."""

    def __init__(self, context: Mapping[str, str], log: logging.Logger) -> None:
        self._sender = Sender(f"sq-{context['stage']}", context, log)
        self._about = {f"sq.{name}": context[name] for name in ("stage", "market") if context.get(name)}
        self._metrics = _Metrics(self._sender.meters, self._about)
        self._root = self._sender.tracer.start_span(context["stage"], self._sender.parent())
        self._open = [self._root]
        self._started = time.monotonic()
        self._error = ""
        self._handler = _Events(self._note)
        self._log = log
        log.addHandler(self._handler)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        with self._sender.tracer.start_as_current_span(name, set_span_in_context(self._open[-1])) as span:
            self._open.append(span)
            try:
                yield
            finally:
                self._open.pop()
                self._metrics.phase.record(time.monotonic() - started, self._about | {"sq.phase": name})

    def published(self, counts: Mapping[str, int]) -> None:
        for kind, records in counts.items():
            self._metrics.records.add(records, self._about | {"sq.kind": kind})
        self._metrics.failures.add(counts.get("failure", 0), self._about)
        self._root.set_attributes({f"sq.records.{kind}": records for kind, records in counts.items()})

    def end(self, exit_code: int) -> None:
        self._log.removeHandler(self._handler)
        outcome = OUTCOMES.get(exit_code, "bug")
        self._root.set_attributes({"sq.exit_code": exit_code, "sq.outcome": outcome})
        if exit_code != errors.EXIT_DONE:
            self._root.set_status(Status(StatusCode.ERROR, self._error or outcome))
        self._metrics.stage.record(time.monotonic() - self._started, self._about | {"sq.outcome": outcome})
        self._root.end()
        self._sender.close()

    def _note(self, record: logging.LogRecord) -> None:
        """Puts what the stage logs on the span at work, and counts what it counts."""
        fields = {
            name: value for name, value in own_fields(record).items() if isinstance(value, bool | int | float | str)
        }
        span = self._open[-1]
        if record.levelno >= logging.ERROR:
            self._error = record.getMessage()
        if "calls" in fields:
            self._calls(record.getMessage(), fields, span)
        elif isinstance(span, Span) and len(span.events) < _EVENTS:
            span.add_event(record.getMessage(), fields | {"level": record.levelname.lower()})

    def _calls(self, name: str, fields: Mapping[str, object], within: Span) -> None:
        """One span for all calls of a service: each of its own would drown the others."""
        span = self._sender.tracer.start_span(name, set_span_in_context(within), start_time=within.start_time)
        span.set_attributes({f"sq.{field}": value for field, value in fields.items()})
        span.end()
        self._metrics.count_calls(name, fields)


class OtlpRunSpan(RunSpan):
    """The span of a run whose stages this process starts."""

    def __init__(self, name: str, run_id: str, log: logging.Logger) -> None:
        self._sender = Sender("sq", {"run": run_id}, log)
        self._span = self._sender.tracer.start_span(name, self._sender.parent())
        carrier: dict[str, str] = {}
        TraceContextTextMapPropagator().inject(carrier, set_span_in_context(self._span))
        self.traceparent = carrier["traceparent"]

    def ended(self, exit_code: int) -> None:
        self._span.set_attributes({"sq.exit_code": exit_code, "sq.outcome": OUTCOMES.get(exit_code, "bug")})
        if exit_code != errors.EXIT_DONE:
            self._span.set_status(Status(StatusCode.ERROR, OUTCOMES.get(exit_code, "bug")))

    def close(self) -> None:
        self._span.end()
        self._sender.close()


class _Metrics:
    """The instruments, each with its unit."""

    def __init__(self, meters: MeterProvider, about: Mapping[str, str]) -> None:
        meter = meters.get_meter("sq")
        self._about = about
        self.records = meter.create_counter("sq.records", "{record}", "Records published, by kind.")
        self.failures = meter.create_counter("sq.failures", "{record}", "Failure records published.")
        self.stage = meter.create_histogram("sq.stage.duration", "s", "From start to end, by outcome.")
        self.phase = meter.create_histogram("sq.phase.duration", "s", "Of each phase of a stage.")
        self._calls = meter.create_counter("sq.calls", "{call}", "Calls of services, paid ones apart.")
        self._cost = meter.create_counter("sq.cost", "USD", "What paid calls cost.")
        self._tokens = meter.create_counter("sq.tokens", "{token}", "Tokens of models, by kind.")

    def count_calls(self, name: str, fields: Mapping[str, object]) -> None:
        about = {**self._about, "sq.calls.of": name, "sq.paid": "usd" in fields}
        self._calls.add(fields["calls"], about)
        self._cost.add(fields.get("usd", 0), about)
        for kind in _TOKENS:
            if fields.get(kind):
                self._tokens.add(fields[kind], about | {"sq.token.kind": kind.removesuffix("_tokens")})


class Sender:
    """A process's spans and metrics on their way to the receiver.

    Args:
        service: name of the process.
        context: what is said of all of it.
        log: is told once if the receiver takes nothing.
    """

    def __init__(self, service: str, context: Mapping[str, str], log: logging.Logger) -> None:
        _complain_once(log)
        resource = Resource.create(
            {"service.name": service, "service.namespace": "sq", "service.instance.id": str(uuid.uuid4())}
            | {f"sq.{name}": value for name, value in context.items() if value}
        )
        self._spans = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=_SECONDS_A_REQUEST)))
        reader = PeriodicExportingMetricReader(
            OTLPMetricExporter(timeout=_SECONDS_A_REQUEST), export_interval_millis=1000 * _METRICS_SECONDS
        )
        self.meters = MeterProvider([reader], resource, shutdown_on_exit=False)
        self.tracer = self._spans.get_tracer("sq")

    @staticmethod
    def parent() -> object:
        """The context that TRACEPARENT names, empty where it names none."""
        return TraceContextTextMapPropagator().extract({"traceparent": os.environ.get(PARENT, "")})

    def close(self) -> None:
        """Sends what is left, at most for a few seconds: threads that are still at it end with the process."""
        sending = [
            threading.Thread(target=flush, args=(1000 * _LAST_SECONDS,), daemon=True)
            for flush in (self._spans.force_flush, self.meters.force_flush)
        ]
        deadline = time.monotonic() + _LAST_SECONDS
        for thread in sending:
            thread.start()
        for thread in sending:
            thread.join(max(deadline - time.monotonic(), 0))


class _Events(logging.Handler):
    """Gives every event of a log to a function."""

    def __init__(self, note: Callable[[logging.LogRecord], None]) -> None:
        super().__init__(logging.INFO)
        self.emit = note


class _Once(logging.Handler):
    def __init__(self, log: logging.Logger) -> None:
        super().__init__(logging.WARNING)
        self._log = log
        self._said = False

    def emit(self, record: logging.LogRecord) -> None:
        if not self._said:
            self._said = True
            self._log.warning("telemetry is not sent", extra={"problem": record.getMessage()})


def _complain_once(log: logging.Logger) -> None:
    """One warning for all that the libraries have to say: an error in the log is the stage's own."""
    for name in ("opentelemetry", "urllib3"):
        library = logging.getLogger(name)
        library.handlers, library.propagate = [_Once(log)], False
