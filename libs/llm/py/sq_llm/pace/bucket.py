"""A token bucket: how much of a limit a minute may be used now."""

from __future__ import annotations

from sq_llm.pace.headers import Stated

_MINUTE = 60.0
# Of a minute's limit, what may be used at once.
_BURST = 0.25
# Rounding errors are no amount to wait for.
_NOTHING = 1e-6


class Bucket:
    """Fills at the limit's rate. Where the service states less than we count, the lower holds.

    Args:
        per_minute: the configured limit; 0 for none. Then the service's own holds, if it states one.
    """

    def __init__(self, per_minute: float, now: float) -> None:
        self._configured = per_minute
        self._limit = per_minute
        self._level = per_minute * _BURST
        self._at = now

    def delay(self, amount: float, now: float) -> float:
        """Seconds until the amount may be used. More than the bucket holds may be used when it is full."""
        if not self._limit:
            return 0.0
        self._fill(now)
        missing = min(amount, self._limit * _BURST) - self._level
        return missing / self._limit * _MINUTE if missing > _NOTHING else 0.0

    def take(self, amount: float, now: float) -> None:
        """Uses an amount. A negative one gives back what an estimate took too much."""
        if self._limit:
            self._fill(now)
            self._level = min(self._level - amount, self._limit * _BURST)

    def hear(self, stated: Stated, in_progress: float, now: float) -> None:
        """Takes what an answer states.

        Args:
            in_progress: the amount of calls that the service may not have counted yet.
        """
        if stated.limit:
            known = self._limit
            self._limit = min(stated.limit, self._configured or stated.limit)
            if not known:
                self._level, self._at = self._limit * _BURST, now
        if self._limit and stated.remaining is not None:
            self._fill(now)
            # Calls in progress may be in the service's count already, and then count twice: the safe side.
            self._level = min(self._level, stated.remaining - in_progress)

    def drain(self, now: float) -> None:
        """The service refused a call for its rate: nothing is left, whatever was counted."""
        if self._limit:
            self._fill(now)
            self._level = min(self._level, 0.0)

    def _fill(self, now: float) -> None:
        gained = max(0.0, now - self._at) * self._limit / _MINUTE
        self._level = min(self._level + gained, self._limit * _BURST)
        self._at = max(now, self._at)
