"""A log handler that writes equal lines once, with their number."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

_INTERVAL_SECONDS = 60.0
# Lines that are remembered at once. Older ones are told and forgotten, so that a service never grows.
_MOST_LINES = 1000


@dataclass
class _Line:
    """A line that was written.

    Attributes:
        written: when, in seconds since 1970.
        more: equal lines since then.
    """

    record: logging.LogRecord
    written: float
    more: int = 0


class OnceHandler(logging.StreamHandler):
    """Writes a line at once, and counts equal ones: same level, message and fields.

    The count follows as the field `repeated` of the same line: after a minute, before an error, and at the end.
    """

    def __init__(self, stream: TextIO, fields: Callable[[logging.LogRecord], dict[str, object]]) -> None:
        """Writes nothing yet.

        Args:
            fields: of a record, besides its message.
        """
        super().__init__(stream)
        self._fields = fields
        self._lines: dict[tuple[int, str, str], _Line] = {}

    def emit(self, record: logging.LogRecord) -> None:
        key = record.levelno, record.getMessage(), repr(sorted(self._fields(record).items()))
        line = self._lines.get(key)
        if line is not None:
            line.more += 1
            if record.created - line.written >= _INTERVAL_SECONDS:
                self._tell(line, record.created)
            return
        if record.levelno >= logging.ERROR or len(self._lines) >= _MOST_LINES:
            self._tell_all()
        super().emit(record)
        self._lines[key] = _Line(record, record.created)

    def close(self) -> None:
        self.acquire()
        try:
            self._tell_all()
        finally:
            self.release()
        super().close()

    def _tell_all(self) -> None:
        for line in self._lines.values():
            self._tell(line, line.written)
        self._lines.clear()

    def _tell(self, line: _Line, now: float) -> None:
        if line.more:
            told = copy.copy(line.record)
            told.repeated = line.more
            super().emit(told)
        line.more, line.written = 0, now
