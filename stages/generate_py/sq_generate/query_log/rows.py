"""Checks the rows of a log file and counts those that are left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sq_generate.query_log.batches import MOST_SEARCHES
from sq_generate.query_log.counts import LogCounts
from sq_source.mapping import as_text
from sq_source.timestamps import Window, microseconds

# The query as it was typed, and how many searches it stands for.
Row = tuple[str, int]

_SHOWN = 40


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the rows of one file.

    Attributes:
        label: the file's name without its folder, so that a log gives the same records wherever it is stored.
        counts: what is left out is added here.
        look: called after each broken line.
    """

    label: str
    window: Window
    counts: LogCounts
    look: Callable[[LogCounts], None] = lambda counts: None

    def read(self, number: int, query: object, moment: object, count: object) -> Row | None:
        """A row from the values of its columns. None if it is broken, outside the window or stands for no search.

        Args:
            number: of the line or row, from 1.
        """
        try:
            if self.window.bounded and not self.window.holds(_microseconds(moment)):
                self.counts.outside += 1
                return None
            text, searches = text_of(query), searches_of(count)
        except ValueError as error:
            self.broken(number, str(error))
            return None
        return (text, searches) if searches else None

    def broken(self, number: int, problem: str, lines: int = 1) -> None:
        self.counts.add_broken(f"{self.label}:{number}", problem, lines)
        self.look(self.counts)


def _microseconds(value: object) -> int:
    if value is None or value == "":
        raise ValueError("has no time")
    try:
        return microseconds(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{_shown(value)} is not a time") from error


def text_of(value: object) -> str:
    """A query as text; "" for None. Raises ValueError if it is no text, or not valid Unicode."""
    if value is None:
        return ""
    if isinstance(value, dict | list | bytes):
        raise ValueError(f"the query is a {type(value).__name__}, not text")
    text = value if isinstance(value, str) else as_text(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("the query is not valid Unicode text") from error
    return text


def searches_of(value: object) -> int:
    """How many searches a row stands for. Raises ValueError if that is not a whole number from 0 to below 2^53."""
    try:
        count = int(value) if not isinstance(value, bool | float) or value == int(value) else -1
    except (TypeError, ValueError, OverflowError):
        count = -1
    if not 0 <= count < MOST_SEARCHES:
        raise ValueError(f"{_shown(value)} is not a number of searches")
    return count


def _shown(value: object) -> str:
    text = repr(value).encode("utf-8", "replace").decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
