"""Counts what was found in a cache, and why the rest was not."""

from __future__ import annotations

from collections import Counter


class Tally:
    """Counts by kind of entry, such as "answers", and by what became of the look-up.

    own: this work paid for it in an earlier attempt. others: other work did. new: nobody asked yet. expired: too old.
    corrupt: damaged, or another's.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first_corrupt = ""

    def add(self, kind: str, outcome: str, count: int = 1) -> None:
        if count:
            self._counts[f"{kind}_{outcome}"] += count

    def corrupt(self, kind: str, name: str) -> None:
        self._first_corrupt = self._first_corrupt or name
        self.add(kind, "corrupt")

    def fields(self) -> dict[str, int]:
        """The fields of the log line "model usage"."""
        return dict(sorted(self._counts.items()))

    def problem(self) -> str:
        """One sentence about entries that could not be used; "" if there were none."""
        count = sum(number for name, number in self._counts.items() if name.endswith("_corrupt"))
        if not count:
            return ""
        return (
            f"{count} entries of the cache were damaged or not ours, the first {self._first_corrupt}; they are asked "
            "for again and replaced"
        )
