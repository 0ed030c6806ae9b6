"""The span of a run, sent by OTLP. Imported only if there is a receiver."""

from __future__ import annotations

import logging

from opentelemetry.trace import set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from sq_stagekit.telemetry.interface import RunSpan
from sq_stagekit.telemetry.outcome import set_outcome
from sq_stagekit.telemetry.sender import Sender


class OtlpRunSpan(RunSpan):
    """The span of a run whose stages this process starts.

    Args:
        parent: TRACEPARENT of the span around the run; "" if there is none.
    """

    def __init__(self, name: str, run_id: str, parent: str, log: logging.Logger) -> None:
        self._sender = Sender("sq", {"run": run_id}, log)
        self._span = self._sender.start_span(name, parent)
        carrier: dict[str, str] = {}
        TraceContextTextMapPropagator().inject(carrier, set_span_in_context(self._span))
        self.traceparent = carrier["traceparent"]

    def ended(self, exit_code: int) -> None:
        set_outcome(self._span, exit_code)

    def close(self) -> None:
        self._span.end()
        self._sender.close()
