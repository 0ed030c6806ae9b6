"""Which days of a market's log belong to the interval of a run (sq.v1.LogDays)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sq_interval.interval_error import IntervalError
from sq_interval.window import Window

FIELD = "log_days"


@dataclass(frozen=True)
class LogDays:
    """How an interval becomes the window of a log.

    Attributes:
        time_zone: in which days begin and end (IANA); empty for UTC.
        days: number of days to read, which end with the interval's last day; 0 for those of the interval.
        exact: the window is the interval to the second, and not whole days.
        uri_time_zone: of the dates in URIs; empty for `time_zone`.
    """

    time_zone: str = ""
    days: int = 0
    exact: bool = False
    uri_time_zone: str = ""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> LogDays:
        """Reads the JSON of sq.v1.LogDays, by the proto's own field names. Raises IntervalError."""
        unknown = sorted(set(config) - {field.name for field in fields(cls)})
        if unknown:
            raise IntervalError(f"{FIELD}.{unknown[0]}", "is not a known field", "render the configuration again")
        return cls(**config)

    @property
    def zone(self) -> ZoneInfo:
        """Raises IntervalError if this machine does not know the time zone."""
        return zone(self.time_zone, f"{FIELD}.time_zone")

    @property
    def uri_zone(self) -> ZoneInfo:
        """The time zone of dates in URIs. Raises IntervalError."""
        return zone(self.uri_time_zone, f"{FIELD}.uri_time_zone") if self.uri_time_zone else self.zone

    def window(self, start: datetime, end: datetime) -> Window:
        """The window of an interval between two moments.

        Whole days: both ends move back to the midnight before. So the windows of intervals that follow each other
        neither overlap nor leave a gap, and every window has ended when its interval ends. A day has 23 or 25 hours
        where the clocks change.

        Raises:
            IntervalError: the interval holds no whole day.
        """
        first, last = (start, end) if self.exact else (self._midnight_before(start), self._midnight_before(end))
        if first >= last:
            raise IntervalError(
                "interval",
                f"{start.isoformat()} to {end.isoformat()} holds no whole day of {self.zone.key}",
                "schedule whole days, or set log_days: {exact: true}",
            )
        return Window(
            self._days_before(last).astimezone(UTC) if self.days else first.astimezone(UTC), last.astimezone(UTC)
        )

    def midnight(self, day: date) -> datetime:
        """The first moment of a day. If the clocks skip midnight, it is the moment after the skipped hour."""
        return datetime.combine(day, time(), tzinfo=self.zone)

    def _midnight_before(self, moment: datetime) -> datetime:
        return self.midnight(moment.astimezone(self.zone).date())

    def _days_before(self, end: datetime) -> datetime:
        """The same time of day, `days` days earlier by the calendar."""
        local = end.astimezone(self.zone)
        return local - timedelta(days=self.days)


def zone(name: str, field: str) -> ZoneInfo:
    """A time zone by its IANA name; UTC for an empty name. Raises IntervalError with the field."""
    try:
        return ZoneInfo(name or "UTC")
    except (OSError, ValueError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        fix = "give an IANA name such as Europe/London; if it is one, install the package tzdata"
        raise IntervalError(field, f"{name!r} is not a time zone that this machine knows", fix) from error
