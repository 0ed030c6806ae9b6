"""Searches of segments by week, from one query set a week."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sq.v1.query_pb2 import QueryLogSummary, QuerySetRecord
from sq_stagekit import InputError

WEEK = timedelta(days=7)
# A week with a change of the clock is an hour longer or shorter.
_CLOCK = timedelta(hours=2)
_FIELD = "queries"


@dataclass
class _Week:
    """One query set: its window, all searches, and those of its segments."""

    start: datetime
    end: datetime
    searches: int
    segments: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """Attributes:
    start, end: of all weeks, in UTC; end is the end of the last one.
    weeks: number of each week after the first, rising from 0. A week that is missing is left out.
    segments: searches by week (weeks,) of each segment that every week has, most searches first.
    others: searches by week (weeks,) of all other segments together.
    """

    start: datetime
    end: datetime
    weeks: list[int]
    segments: dict[str, list[int]]
    others: list[int]


def read_history(records: Iterable[QuerySetRecord], fewest: int, most_segments: int) -> History:
    """The weeks of several query sets, in the order of time.

    A query set has those of its segments alone of which it has queries. So a segment that some week lacks is counted
    among the others: whether it had no searches there is not known.

    Args:
        records: of the query sets, one after the other. Each begins with its summary.
        fewest: number of weeks that a forecast needs.
        most_segments: number of segments to name. The others are counted together.

    Raises:
        InputError: a query set has no window of a week; two overlap; or there are too few.
    """
    weeks = sorted(_weeks(records), key=lambda week: week.start)
    if len(weeks) < fewest:
        raise InputError(_FIELD, f"{len(weeks)} weeks are too few for a forecast", f"give {fewest} query sets or more")
    numbers = _numbers(weeks)
    named = set.intersection(*(set(week.segments) for week in weeks))
    found = {name: [week.segments[name] for week in weeks] for name in named}
    order = sorted(found, key=lambda name: (-sum(found[name]), name))[:most_segments]
    others = [week.searches - sum(week.segments[name] for name in order) for week in weeks]
    return History(weeks[0].start, weeks[-1].end, numbers, {name: found[name] for name in order}, others)


def _weeks(records: Iterable[QuerySetRecord]) -> list[_Week]:
    weeks: list[_Week] = []
    for record in records:
        if record.HasField("summary"):
            weeks.append(_week(record.summary))
        elif record.HasField("segment"):
            weeks[-1].segments[record.segment.segment_id] = record.segment.searches
    return weeks


def _week(summary: QueryLogSummary) -> _Week:
    if summary.probes or not (summary.HasField("start") and summary.HasField("end")):
        raise InputError(_FIELD, "a query set has no time window", "give query sets of a log with start and end")
    start, end = (moment.ToDatetime(UTC) for moment in (summary.start, summary.end))
    if abs(end - start - WEEK) > _CLOCK:
        days = (end - start) / timedelta(days=1)
        problem = f"the query set of {summary.window} is of {days:.1f} days"
        raise InputError(_FIELD, problem, "give query sets of seven days each")
    return _Week(start, end, summary.searches)


def _numbers(weeks: Sequence[_Week]) -> list[int]:
    """The number of each week after the first. Raises InputError unless they are whole weeks apart."""
    numbers: list[int] = []
    for week in weeks:
        away = week.start - weeks[0].start
        number = round(away / WEEK)
        if abs(away - number * WEEK) > _CLOCK or number in numbers:
            problem = f"the week from {week.start:%Y-%m-%d} overlaps another one"
            raise InputError(_FIELD, problem, "give one query set a week, all from the same day of the week")
        numbers.append(number)
    return numbers
