"""The interface of telemetry. These classes do nothing; they are used if there is no receiver."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext


class Telemetry:
    """Telemetry of one stage."""

    def phase(self, _name: str) -> AbstractContextManager[object]:
        """A span over a part of the stage's work; phases may nest."""
        return nullcontext()

    def published(self, counts: Mapping[str, int]) -> None:
        """Reports the number of records published, by kind."""

    def end(self, _exit_code: int) -> None:
        """Sends what is left. Takes a few seconds at most, even if the receiver does not answer."""


class RunSpan:
    """The span of a run.

    Attributes:
        traceparent: identifies the span to the run's stages (W3C Trace Context); "" if there is none.
    """

    traceparent = ""

    def ended(self, _exit_code: int) -> None:
        """Reports how the run ended."""

    def close(self) -> None:
        """Ends the span and sends it."""
