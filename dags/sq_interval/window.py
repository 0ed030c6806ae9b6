"""The time window of a log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_SMALLEST = timedelta(microseconds=1)


@dataclass(frozen=True)
class Window:
    """Times from `start` up to but not including `end`. Both are in UTC."""

    start: datetime
    end: datetime

    def dates(self, zone: ZoneInfo) -> list[date]:
        """The days of a time zone that share a moment with the window, in order."""
        first = self.start.astimezone(zone).date()
        last = (self.end - _SMALLEST).astimezone(zone).date()
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def timestamps(self) -> dict[str, str]:
        """The fields start and end of a log's configuration."""
        return {"start": _rfc3339(self.start), "end": _rfc3339(self.end)}


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
