"""The interface of an engine, which counts, groups and ranks the rows of a log.

Every engine must give equal results. So it reads and classifies with the functions that it is given, and breaks ties by
the code points of texts and segment ids, ascending. Queries of one level of traffic are ordered by their MD5 digests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow
from numpy.typing import NDArray

from sq.v1.generate_config_pb2 import QueryLog
from sq.v1.query_pb2 import Band
from sq_generate.query_log import LogCounts, Row


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of the whole log. `rows` are searches and junk rows. `segments` are those with searches."""

    rows: int
    searches: int
    distinct_queries: int
    segments: int


@dataclass(frozen=True, slots=True)
class Junk:
    reason: str
    rows: int
    examples: list[str]


@dataclass(frozen=True, slots=True)
class SegmentTraffic:
    segment_id: str
    searches: int
    distinct_queries: int


@dataclass(frozen=True, slots=True)
class QueryTraffic:
    segment_id: str
    text: str
    searches: int
    band: Band


@dataclass(frozen=True, slots=True)
class BandTraffic:
    band: Band
    distinct_queries: int
    searches: int


@dataclass(frozen=True, slots=True)
class SegmentLevel:
    """How many segments have as many searches and distinct queries."""

    searches: int
    distinct_queries: int
    segments: int


@dataclass(frozen=True, eq=False, slots=True)
class Levels:
    """How many queries of a stratum have as many searches; arrays (levels,), ordered by stratum, most searches first.

    A stratum is one of the segments that the caller names, or, after the last of these, all other segments together.
    """

    stratum: NDArray[np.int64]
    searches: NDArray[np.int64]
    queries: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Place:
    """A query of a level of a stratum: its place, from 0, when the level is ordered by the MD5 digests of the texts."""

    stratum: int
    searches: int
    number: int


# From a column of spellings to the columns text, junk and segment_id of Classified, in the same order. Strings.
Classify = Callable[[pyarrow.Array], pyarrow.RecordBatch]


@dataclass(frozen=True, slots=True)
class Watch:
    """What an engine calls while it works.

    Attributes:
        check_stop: raises Stopped if the stage has to stop.
        progress: takes (done, total, unit).
        look: takes the counts of the log so far, after each broken line.
    """

    check_stop: Callable[[], None] = lambda: None
    progress: Callable[[int, int, str], None] = lambda done, total, unit: None
    look: Callable[[LogCounts], None] = lambda counts: None


UNWATCHED = Watch()


class Engine(Protocol):
    """Holds one log. The caller first calls `read_log` or `count`, then `classify`, each once, and then the others."""

    def read_log(self, log: QueryLog) -> LogCounts:
        """Adds up the searches of each distinct spelling in a log. Raises as LogReader does."""

    def count(self, rows: Iterable[Row]) -> None:
        """Adds up the searches of each distinct spelling."""

    def classify(self, function: Classify) -> None:
        """Applies the function to all spellings, in batches, and adds up the searches of each text."""

    def totals(self) -> Totals: ...

    def junk(self, examples: int) -> list[Junk]:
        """Junk by reason, most rows first, each with its most frequent queries as examples."""

    def segment_levels(self) -> list[SegmentLevel]:
        """All segments, counted by their searches and distinct queries, most of both first."""

    def top_segments(self, count: int) -> list[SegmentTraffic]:
        """The first segments in the order of segment_levels, those of one level by id."""

    def segments(self, segment_ids: Sequence[str]) -> list[SegmentTraffic]:
        """The segments with these ids, most searches first, then by id."""

    def levels(self, strata: Sequence[str]) -> Levels:
        """The levels of these segments, each a stratum, and of the other segments together."""

    def queries_at(self, strata: Sequence[str], places: Sequence[Place]) -> list[QueryTraffic]:
        """The query at each of these distinct places, in their order. `strata` is as for `levels`."""

    def all_queries(self) -> list[QueryTraffic]:
        """Every query, by segment, then most searches first. For short logs."""

    def bands(self) -> list[BandTraffic]:
        """Head, torso and tail."""

    def close(self) -> None: ...
