"""A circuit breaker: no calls to a service that answers none."""

from __future__ import annotations

_TRIP = 20
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 4.0


class Breaker:
    """Opens after failures in a row. Then one call at a time tries whether the service is back.

    Between tries it waits longer each time, but for seconds at most, so that the work goes on soon after an outage.
    """

    def __init__(self, trip: int = _TRIP) -> None:
        self._trip = trip
        self._failures = 0
        self._wait = _FIRST_WAIT
        self._until = 0.0
        self._trying = False

    @property
    def open(self) -> bool:
        return self._failures >= self._trip

    def delay(self, now: float) -> float:
        """Seconds until a call may start; infinite until the call that tries has ended."""
        if not self.open:
            return 0.0
        return float("inf") if self._trying else max(0.0, self._until - now)

    def start(self) -> None:
        self._trying = self.open

    def end(self, *, failed: bool, now: float, asked: float | None = None) -> bool:
        """Takes the end of a call. Returns whether this closed the breaker.

        Args:
            asked: seconds that the service asked to wait.
        """
        if not failed:
            closed = self.open
            self._failures, self._wait, self._trying = 0, _FIRST_WAIT, False
            return closed
        was_open, self._failures = self.open, self._failures + 1
        # Of the calls that were in progress when it opened, only the last asks for more patience.
        if self.open and (self._trying or not was_open):
            self._until = now + max(self._wait, min(asked or 0.0, _LONGEST_WAIT))
            self._wait = min(self._wait * 2, _LONGEST_WAIT)
        self._trying = False
        return False

    def give_up(self) -> None:
        """The call that tries ended without an answer to go by: another may try."""
        self._trying = False
