"""Clicks as columns: all that the estimates are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class LogCounts:
    """What a click log held besides impressions.

    Attributes:
        silent_searches: searches of the query set that do not say what they showed.
        unmatched_clicks: clicks on products that their search did not show.
        broken: lines that could not be read; examples: the first few, "file:line: why".
    """

    silent_searches: int = 0
    unmatched_clicks: int = 0
    broken: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClickTable:
    """Products shown in searches. A search is all that one session asked for with one text.

    Attributes:
        pairs: (query id, product id) of each pair number.
        search_query: query id of each search number.
        search_session: session number of each search number, from 0 without gaps.
        search, pair, position, clicked: one row for each product that a search showed: numbers of search and pair,
            position from 1 (the highest it was shown at), and whether it was clicked.
    """

    pairs: Sequence[tuple[str, str]]
    search_query: Sequence[str]
    search_session: Integers
    search: Integers
    pair: Integers
    position: Integers
    clicked: NDArray[np.bool_]
    counts: LogCounts = field(default_factory=LogCounts)

    @property
    def sessions(self) -> int:
        return int(self.search_session.max(initial=-1)) + 1
