"""Products of searches, in columns."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import numpy as np

from sq_report.clicks.table import Integers


@dataclass
class Impressions:
    """Impressions or clicks: the numbers of search and pair, and the position in the log."""

    search: array = field(default_factory=lambda: array("q"))
    pair: array = field(default_factory=lambda: array("q"))
    position: array = field(default_factory=lambda: array("q"))

    def add(self, search: int, pair: int, position: int) -> None:
        self.search.append(search)
        self.pair.append(pair)
        self.position.append(position)

    def columns(self) -> tuple[Integers, Integers, Integers]:
        return tuple(np.frombuffer(column, dtype=np.int64) for column in (self.search, self.pair, self.position))


def highest_positions(search: Integers, pair: Integers, position: Integers) -> tuple[Integers, Integers, Integers]:
    """Each (search, pair) once, with its highest position (the smallest number), sorted."""
    order = np.lexsort((position, pair, search))
    search, pair, position = search[order], pair[order], position[order]
    first = np.ones(len(search), dtype=bool)
    first[1:] = (search[1:] != search[:-1]) | (pair[1:] != pair[:-1])
    return search[first], pair[first], position[first]
