"""Traces and metrics of a stage, sent by OTLP if OTEL_EXPORTER_OTLP_ENDPOINT names a receiver.

Without a receiver nothing is sent, and OpenTelemetry is not imported. The span of a stage is a child of the span
that TRACEPARENT names. Its phases are child spans, and its log events are events of those spans. A log event with
a field `calls` (and `usd` and tokens, if the calls are paid for) becomes a span of its own and feeds the metrics.
"""

from sq_stagekit.telemetry.interface import Telemetry
from sq_stagekit.telemetry.start import span_of_run, start_telemetry

__all__ = ["Telemetry", "span_of_run", "start_telemetry"]
