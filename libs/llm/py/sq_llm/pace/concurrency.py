"""Adapts the number of calls at once to what a service takes."""

from __future__ import annotations

# A round with at least this refused share is an outage.
_OUTAGE = 0.9
# A round with at most this refused share shows a level that works.
_WORKS = 0.1
# Growth in a round beyond the level that was known to work, relative to that level.
_STEP = 0.01


class Concurrency:
    """Slow start, additive increase, multiplicative decrease.

    The decrease follows how much was refused, as in DCTCP (RFC 8257): a service that refuses little is left at nearly
    the same level, one that refuses all gets half as much. How much is measured by time, because refusals are quick:
    one call too many at once may be refused ten times while another is answered. So the limit does not swing around
    what a service takes. An outage, in which all calls are refused, says nothing about what the service takes
    otherwise. So the level that worked before is kept, and slow start returns to it.

    Args:
        low, high: bounds of the limit, in calls.
        first: the limit at the start.
    """

    def __init__(self, low: int, high: int, first: int = 64) -> None:
        self._low, self._high = max(1, min(low, high)), max(1, high)
        self._limit = float(min(max(first, self._low), self._high))
        # Below this level, slow start doubles the limit in a round.
        self._level = self._worked = float(self._high)
        self._started = self._in_use = 0
        self._at = 0.0
        self._begin_round()

    @property
    def limit(self) -> int:
        """How many calls may be in progress."""
        return int(self._limit)

    def start(self, now: float) -> int:
        """Counts a call. Returns its number, for `end`."""
        self._pass_time(now)
        self._started += 1
        self._in_use += 1
        return self._started

    def end(self, number: int, seconds: float, now: float, *, refused: bool) -> None:
        """Takes the end of a call that was in progress for some seconds. `refused`: the service was overloaded."""
        self._pass_time(now)
        if refused:
            self._refused += 1
            self._refused_seconds += seconds
        else:
            self._answered += number > self._round_from
            # A limit that is not used up does not grow.
            if self._in_use >= self.limit:
                self._grow()
        self._in_use -= 1
        if self._answered >= self._limit / 2 or self._refused >= self._limit:
            self._settle_round()

    def abandon(self) -> None:
        """Takes a call that was cancelled."""
        self._in_use -= 1

    def restart(self) -> None:
        """Begins again at the lower bound: after an outage, and back to the level before it."""
        self._limit, self._level = float(self._low), self._worked
        self._begin_round()

    def _pass_time(self, now: float) -> None:
        self._all_seconds += self._in_use * (now - self._at)
        self._at = now

    def _begin_round(self) -> None:
        # Seconds of calls in progress. Calls that started before this round count in its time, but do not end it.
        self._all_seconds = self._refused_seconds = 0.0
        self._refused = self._answered = 0
        self._round_from = self._started

    def _grow(self) -> None:
        if self._limit < self._level:
            self._limit = min(self._limit + 1, self._level)
        else:
            self._limit += max(1.0, _STEP * self._limit) / self._limit
        self._limit = min(self._limit, self._high)

    def _settle_round(self) -> None:
        share = min(1.0, self._refused_seconds / self._all_seconds) if self._all_seconds else float(self._refused > 0)
        if share >= _OUTAGE:
            self._limit = max(self._limit / 2, self._low)
        elif share:
            self._limit = max(self._limit * (1 - share / 2), self._low)
            self._level = self._limit
        # Early in an outage, calls from before it are still answered: only calls of this round count.
        if share <= _WORKS and self._answered >= self._limit / 2 and self._limit >= self._level:
            self._worked = self._limit
        self._begin_round()
