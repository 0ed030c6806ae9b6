"""The interface of an engine, which counts, groups and ranks the rows of a log.

Every engine must give equal results. So it reads and classifies with the functions that it is given, and breaks ties by
the code points of texts and segment ids, ascending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from sq.v1.generate_config_pb2 import QueryLog
from sq.v1.query_pb2 import Band
from sq_generate.classifier import Classified
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
    """`covered_searches` are those in the chosen segments."""

    band: Band
    distinct_queries: int
    searches: int
    covered_searches: int


Classify = Callable[[Sequence[str]], list[Classified]]


@dataclass(frozen=True, slots=True)
class Watch:
    """What an engine calls while it works.

    Attributes:
        check_stop: raises Stopped if the stage has to stop.
        progress: takes (done, total, unit).
    """

    check_stop: Callable[[], None] = lambda: None
    progress: Callable[[int, int, str], None] = lambda done, total, unit: None


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

    def top_segments(self, count: int) -> list[SegmentTraffic]:
        """The segments with the most searches, most first."""

    def segment_ids(self) -> Iterator[str]:
        """The ids of all segments, in any order."""

    def segments(self, segment_ids: Sequence[str]) -> list[SegmentTraffic]:
        """The segments with these ids, most searches first."""

    def queries(self, segment_ids: Sequence[str], count: int) -> list[QueryTraffic]:
        """The `count` most frequent queries of each segment, ordered by segment, then by searches, most first."""

    def bands(self, segment_ids: Sequence[str]) -> list[BandTraffic]:
        """Head, torso and tail, and how many of their searches the segments cover."""

    def close(self) -> None: ...
