"""A receiver of the OpenTelemetry protocol for tests."""

from sq_otlp.receiver import Point, Receiver, Span

__all__ = ["Point", "Receiver", "Span"]
