"""Adapts the number of calls at once to what a service takes."""

from __future__ import annotations

# Weight of the last round in the share of refused calls, and the least share that is an outage (RFC 8257 has 1/16; one
# round is a second here, so it would take too long).
_GAIN = 0.25
_OUTAGE = 0.9
# A round in which at most this share of calls was refused shows a level that works.
_WORKS = 0.1
# Growth in a round beyond the level that was known to work, relative to that level.
_STEP = 0.01


class Concurrency:
    """Slow start, additive increase, multiplicative decrease.

    The decrease follows the share of calls that were refused, as in DCTCP (RFC 8257): a service that refuses few calls
    is left at nearly the same level, one that refuses all gets half as many. So the limit does not swing around what a
    service takes. An outage, in which all calls are refused, says nothing about what the service takes otherwise. So
    the level that worked before is kept, and slow start returns to it.

    Args:
        low, high: bounds of the limit, in calls.
        first: the limit at the start.
    """

    def __init__(self, low: int, high: int, first: int = 64) -> None:
        self._low, self._high = max(1, min(low, high)), max(1, high)
        self._limit = float(min(max(first, self._low), self._high))
        # Below this level, slow start doubles the limit in a round.
        self._level = float(self._high)
        self._worked = self._level
        self._refused_share = 0.0
        self._refused = self._ended = 0
        # Calls started before this one belong to a round that was settled.
        self._round_from = self._started = 0

    @property
    def limit(self) -> int:
        """How many calls may be in progress."""
        return int(self._limit)

    def start(self) -> int:
        """Counts a call. Returns its number, for `end`."""
        self._started += 1
        return self._started

    def end(self, number: int, *, refused: bool, in_use: int) -> None:
        """Takes the end of a call.

        Args:
            refused: the service was overloaded.
            in_use: calls in progress, with this one. An unused limit does not grow.
        """
        self._ended += 1
        self._refused += refused
        if not refused and in_use >= self.limit:
            self._grow()
        if number > self._round_from and (refused or self._ended >= self._limit):
            self._settle_round()

    def restart(self) -> None:
        """Begins again at the lower bound: after an outage, and back to the level before it."""
        self._limit, self._level, self._refused_share = float(self._low), self._worked, 0.0
        self._refused = self._ended = 0
        self._round_from = self._started

    def _grow(self) -> None:
        if self._limit < self._level:
            self._limit = min(self._limit + 1, self._level)
        else:
            self._limit += max(1.0, _STEP * self._limit) / self._limit
        self._limit = min(self._limit, self._high)

    def _settle_round(self) -> None:
        share = self._refused / self._ended
        if self._refused and self._ended < self._limit / 2:
            return  # too few calls to tell a share
        if share >= _OUTAGE:
            self._limit = max(self._limit / 2, self._low)
        elif share:
            self._refused_share += _GAIN * (share - self._refused_share)
            self._limit = max(self._limit * (1 - max(share, self._refused_share) / 2), self._low)
            self._level = self._limit
        else:
            self._refused_share *= 1 - _GAIN
        if share <= _WORKS and self._limit >= self._level:
            self._worked = self._limit
        self._refused = self._ended = 0
        self._round_from = self._started
