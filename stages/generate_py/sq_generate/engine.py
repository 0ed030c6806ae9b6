"""What counts, groups and ranks the rows of a log. All that must be equal between engines is done by functions given
to it; an engine breaks ties by the code points of texts and segment ids, ascending.
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
    """Of the whole log. `rows` is searches and junk rows; segments are all that searches fall into."""

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
    """`covered_searches` are those in the segments that were taken."""

    band: Band
    distinct_queries: int
    searches: int
    covered_searches: int


Classify = Callable[[Sequence[str]], list[Classified]]


@dataclass(frozen=True, slots=True)
class Watch:
    """Who waits for an engine.

    Attributes:
        check_stop: raises where the stage is to stop.
        progress: told (done, of how many, of what).
    """

    check_stop: Callable[[], None] = lambda: None
    progress: Callable[[int, int, str], None] = lambda done, total, unit: None


NOBODY = Watch()


class Engine(Protocol):
    """One log. `read_log` or `count`, and then `classify`, are called once, before the questions."""

    def read_log(self, log: QueryLog) -> LogCounts:
        """Adds up the rows of each distinct spelling of a log. Raises as LogReader does."""

    def count(self, rows: Iterable[Row]) -> None:
        """Adds up the rows of each distinct spelling."""

    def classify(self, function: Classify) -> None:
        """Applies the function to each spelling, in batches, and adds up searches of each text."""

    def totals(self) -> Totals: ...

    def junk(self, examples: int) -> list[Junk]:
        """By reason, most rows first; the most frequent queries of each as examples."""

    def top_segments(self, count: int) -> list[SegmentTraffic]:
        """The segments of most searches, most first."""

    def segment_ids(self) -> Iterator[str]:
        """All segments, in no order."""

    def segments(self, segment_ids: Sequence[str]) -> list[SegmentTraffic]:
        """The segments of these ids, most searches first."""

    def queries(self, segment_ids: Sequence[str], count: int) -> list[QueryTraffic]:
        """The `count` most frequent queries of each segment, by segment, most searches first."""

    def bands(self, segment_ids: Sequence[str]) -> list[BandTraffic]:
        """Head, torso and tail, and how much of them the segments cover."""

    def close(self) -> None: ...
