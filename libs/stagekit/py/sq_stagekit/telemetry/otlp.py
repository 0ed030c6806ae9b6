"""Telemetry of a stage, sent by OTLP. Imported only if there is a receiver."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.sdk.trace import Span
from opentelemetry.trace import set_span_in_context

from sq_stagekit.logs import own_fields
from sq_stagekit.telemetry.interface import Telemetry
from sq_stagekit.telemetry.metrics import Metrics
from sq_stagekit.telemetry.outcome import set_outcome
from sq_stagekit.telemetry.sender import Sender

# Events of one span; more would make it too large to be useful.
_MAX_EVENTS = 100


class OtlpTelemetry(Telemetry):
    """Spans and metrics of one stage.

    Args:
        parent: TRACEPARENT of the span around the stage; "" if there is none.
    """

    def __init__(self, context: Mapping[str, str], parent: str, log: logging.Logger) -> None:
        self._sender = Sender(f"sq-{context['stage']}", context, log)
        attributes = {f"sq.{name}": context[name] for name in ("stage", "market") if context.get(name)}
        self._metrics = Metrics(self._sender.meters, attributes)
        self._root = self._sender.start_span(context["stage"], parent)
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
                self._metrics.time_phase(name, time.monotonic() - started)

    def published(self, counts: Mapping[str, int]) -> None:
        self._metrics.count_records(counts)
        self._root.set_attributes({f"sq.records.{kind}": records for kind, records in counts.items()})

    def end(self, exit_code: int) -> None:
        self._log.removeHandler(self._handler)
        outcome = set_outcome(self._root, exit_code, self._error)
        self._metrics.time_stage(outcome, time.monotonic() - self._started)
        self._root.end()
        self._sender.close()

    def _note(self, record: logging.LogRecord) -> None:
        """Adds a log event to the innermost open span, and to the metrics if it counts calls."""
        fields = {
            name: value for name, value in own_fields(record).items() if isinstance(value, bool | int | float | str)
        }
        span = self._open[-1]
        if record.levelno >= logging.ERROR:
            self._error = record.getMessage()
        if "calls" in fields:
            self._note_calls(record.getMessage(), fields, span)
        elif isinstance(span, Span) and len(span.events) < _MAX_EVENTS:
            span.add_event(record.getMessage(), fields | {"level": record.levelname.lower()})

    def _note_calls(self, name: str, fields: Mapping[str, object], within: Span) -> None:
        """One span for all calls of a service: a span for each call would hide the others."""
        span = self._sender.tracer.start_span(name, set_span_in_context(within), start_time=within.start_time)
        span.set_attributes({f"sq.{field}": value for field, value in fields.items()})
        span.end()
        self._metrics.count_calls(name, fields)


class _Events(logging.Handler):
    """Calls a function with every event of a log."""

    def __init__(self, note: Callable[[logging.LogRecord], None]) -> None:
        super().__init__(logging.INFO)
        self.emit = note
