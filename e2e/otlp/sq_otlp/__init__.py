"""A receiver of OpenTelemetry's protocol, for tests."""

from sq_otlp.receiver import Point, Receiver, Span

__all__ = ["Point", "Receiver", "Span"]
