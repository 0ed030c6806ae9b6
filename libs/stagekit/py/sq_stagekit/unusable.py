"""Follows which share of a stage's work gives nothing that can be used. The rules are those of unusable.go."""

from __future__ import annotations

import logging
from collections import Counter

from sq.v1.source_pb2 import Alarm

_FIRST_LOOK = 50
_WARN_SHARE = 0.5
_TOLD_REASONS = 3


def first_look(alarm: Alarm) -> int:
    """Number of units after which a stage looks for the first time."""
    return alarm.first_look or _FIRST_LOOK


class Unusable:
    """Counts units, such as judgments, and warns at the first look of the alarm and at the end.

    Args:
        what: what happened to the units that are unusable, such as "pairs failed".
        max_share: 0..1, the share that `exceeds` allows; None: everything but all.
    """

    def __init__(self, what: str, alarm: Alarm, max_share: float | None, log: logging.Logger) -> None:
        self._what = what
        self._first_look = first_look(alarm)
        self._warn_share = alarm.warn_share if alarm.HasField("warn_share") else _WARN_SHARE
        self._max_share = max_share
        self._log = log
        self.total = 0
        self.reasons: Counter[str] = Counter()

    @classmethod
    def of(
        cls, what: str, total: int, reasons: Counter[str], alarm: Alarm, max_share: float | None, log: logging.Logger
    ) -> Unusable:
        """The share of units that were counted elsewhere. It has not warned yet."""
        share = cls(what, alarm, max_share, log)
        share.total, share.reasons = total, reasons
        return share

    def add(self, reason: str = "", count: int = 1) -> None:
        """Counts units. Those without a reason can be used."""
        before = self.total
        self.total += count
        if reason:
            self.reasons[reason] += count
        if before < self._first_look <= self.total:
            self.warn()

    @property
    def unusable(self) -> int:
        return self.reasons.total()

    @property
    def all_at_first_look(self) -> bool:
        """Whether the first look is now, and everything so far is unusable."""
        return self.total == self._first_look and self.unusable == self.total

    @property
    def exceeds(self) -> bool:
        """Whether a larger share is unusable than allowed."""
        if self._max_share is None:
            return 0 < self.total == self.unusable
        return self.unusable > self._max_share * self.total

    def warn(self) -> None:
        """Logs a warning if the share so far is large."""
        if self.unusable and self.unusable >= self._warn_share * self.total:
            self._log.warning(str(self), extra={"unusable": self.unusable, "of": self.total})

    def __str__(self) -> str:
        """Such as "49 of 50 pairs failed: INVALID: not JSON (48), REFUSED (1)"."""
        ordered = sorted(self.reasons.items(), key=lambda item: (-item[1], item[0]))
        told = ", ".join(f"{reason} ({count})" for reason, count in ordered[:_TOLD_REASONS])
        return f"{self.unusable} of {self.total} {self._what}: {told}"
