"""The interval of a run: between two moments, or given as days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sq_interval.interval_error import IntervalError
from sq_interval.log_days import LogDays
from sq_interval.window import Window

# A day, or a moment with or without its offset from UTC.
BOUND = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
_BOUND = re.compile(BOUND)
_DAY = len("2026-01-05")


class RunInterval(Protocol):
    """What a run is about. Markets in different time zones have different windows of one interval."""

    def window(self, days: LogDays) -> Window:
        """The window of a market's logs. Raises IntervalError."""
        ...


@dataclass(frozen=True)
class DataInterval:
    """The interval between two moments, as Airflow's schedules have."""

    start: datetime
    end: datetime

    def window(self, days: LogDays) -> Window:
        return days.window(self.start, self.end)


@dataclass(frozen=True)
class GivenDays:
    """The interval that a person gives: from the day `first` up to but not including the day `end`.

    With log_days.exact both may be moments. Without an offset they are in the market's time zone.

    Attributes:
        names: of the two parameters or flags, for errors.
    """

    first: str
    end: str
    names: tuple[str, str] = ("from", "to")

    def __post_init__(self) -> None:
        """Raises IntervalError if one of the two is missing."""
        for given, other, name in ((self.first, self.end, 0), (self.end, self.first, 1)):
            if other and not given:
                raise IntervalError(self.names[name], "is missing", f"give {self.names[0]} and {self.names[1]}")

    def window(self, days: LogDays) -> Window:
        first, end = self._moment(0, days), self._moment(1, days)
        if first >= end:
            raise IntervalError(
                self.names[1],
                f"{self.end} is not after {self.first}",
                "give the day after the last one, because the day itself is not read",
            )
        return days.window(first, end)

    def _moment(self, which: int, days: LogDays) -> datetime:
        name, text = self.names[which], (self.first, self.end)[which]
        try:
            if not _BOUND.match(text):
                raise ValueError(text)
            if len(text) == _DAY:
                return days.midnight(date.fromisoformat(text))
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise IntervalError(name, f"{text!r} is not a day", "write it as 2026-01-05") from error
        if not days.exact:
            raise IntervalError(name, f"{text} is a time of day", "give a day, or set log_days: {exact: true}")
        return moment if moment.tzinfo else moment.replace(tzinfo=days.zone)
