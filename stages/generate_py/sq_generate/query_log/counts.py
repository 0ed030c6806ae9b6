"""What a log contains besides its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

# Broken lines that the summary shows.
EXAMPLES = 5
# Names of columns that an error lists.
NAMES = 40


@dataclass
class LogCounts:
    """Counts of one log, or of a part of it.

    Attributes:
        broken: lines (of Parquet: rows) that could not be read.
        examples: the first of them, as "file:line: reason".
        events: documents that are not searches.
        outside: rows outside the time window.
        missing: rows without the query column.
        seen: rows with the query column.
        names: names of columns in rows without the query column, or without the column of counts.
        unparsed: broken lines that have no columns at all.
        uncounted: rows with the query column, but without the configured column of counts.
    """

    broken: int = 0
    examples: list[str] = field(default_factory=list)
    events: int = 0
    outside: int = 0
    missing: int = 0
    seen: int = 0
    names: set[str] = field(default_factory=set)
    unparsed: int = 0
    uncounted: int = 0

    @property
    def lines(self) -> int:
        """All lines that are no events, broken or not."""
        return self.seen + self.missing + self.unparsed

    def add_broken(self, where: str, problem: str, lines: int = 1) -> None:
        self.broken += lines
        if len(self.examples) < EXAMPLES:
            self.examples.append(f"{where}: {problem}")

    def add_missing(self, names: Iterable[str]) -> None:
        self.missing += 1
        self._add_names(names)

    def add_uncounted(self, names: Iterable[str]) -> None:
        self.uncounted += 1
        self._add_names(names)

    def _add_names(self, names: Iterable[str]) -> None:
        if len(self.names) < NAMES:
            self.names.update(names)
