"""Times as logs write them, and the time window of a log."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime

from google.protobuf.message import Message

from sq.v1.log_window_pb2 import LOG_WINDOW_FILES

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Units since 1970 by the size of a number: seconds, milliseconds, microseconds, nanoseconds. Each covers 1973 to 5138.
_SCALES = ((1e11, 1_000_000.0), (1e14, 1_000.0), (1e17, 1.0), (1e20, 0.001))


def microseconds(value: object) -> int:
    """Microseconds since 1970 of a timestamp: ISO 8601 (UTC if it names no zone), a date, or a Unix time.

    Raises:
        ValueError: the value is not a timestamp.
    """
    if isinstance(value, str):
        text = value.strip()
        try:
            value = float(text)
        except ValueError:
            value = datetime.fromisoformat(text)
    if isinstance(value, datetime):
        zoned = value if value.tzinfo else value.replace(tzinfo=UTC)
        delta = zoned - _EPOCH
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
    if isinstance(value, date):
        return (value - _EPOCH.date()).days * 86_400_000_000
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        for limit, scale in _SCALES:
            if abs(value) < limit:
                return round(value * scale)
    raise ValueError(f"{value!r} is not a time")


@dataclass(frozen=True)
class Window:
    """Times from `start` up to but not including `end`, in microseconds since 1970. None leaves a side open."""

    start: int | None = None
    end: int | None = None

    @classmethod
    def of(cls, log: Message) -> Window:
        """The window of a configuration message with the timestamps start and end.

        Open on both sides where the names of files are the window.
        """
        if log.window == LOG_WINDOW_FILES:
            return cls()
        return cls(
            start=log.start.ToMicroseconds() if log.HasField("start") else None,
            end=log.end.ToMicroseconds() if log.HasField("end") else None,
        )

    @property
    def bounded(self) -> bool:
        return self.start is not None or self.end is not None

    def holds(self, moment: int) -> bool:
        return (self.start is None or moment >= self.start) and (self.end is None or moment < self.end)
