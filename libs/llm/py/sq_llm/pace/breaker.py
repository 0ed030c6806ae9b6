"""A circuit breaker: no calls to a service that answers none."""

from __future__ import annotations

_TRIP = 20
# A service that refuses many calls and answers others is overloaded, not away.
_SILENCE_SECONDS = 2.0
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 4.0


class Breaker:
    """Opens after failures in a row and seconds without an answer.

    Then one call at a time tries whether the service is back. Between tries it waits longer each time, but for seconds
    at most, so that the work goes on soon after an outage.
    """

    def __init__(self, now: float = 0.0, trip: int = _TRIP) -> None:
        self.open = False
        self._answered_at = now
        self._trip = trip
        self._failures = 0
        self._wait = _FIRST_WAIT
        self._until = 0.0
        self._trying = False

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
        tried, self._trying = self._trying, False
        if failed:
            self._fail(now, asked or 0.0, tried)
            return False
        if self.open and not tried:
            return False  # it started before the outage
        closed, self.open = self.open, False
        self._failures, self._wait, self._answered_at = 0, _FIRST_WAIT, now
        return closed

    def _fail(self, now: float, asked: float, tried: bool) -> None:
        self._failures += 1
        opens = not self.open and self._failures >= self._trip and now - self._answered_at >= _SILENCE_SECONDS
        self.open = self.open or opens
        # Of calls that were in progress when it opened, none asks for more patience.
        if opens or tried:
            self._until = now + max(self._wait, min(asked, _LONGEST_WAIT))
            self._wait = min(self._wait * 2, _LONGEST_WAIT)

    def give_up(self) -> None:
        """The call that tries ended without an answer to go by: another may try."""
        self._trying = False
