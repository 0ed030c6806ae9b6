"""One row of the history: the figures of a market, of a segment or of a failure class in one run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Scope(StrEnum):
    """What a row is about."""

    MARKET = "market"
    SEGMENT = "segment"
    CLASS = "class"


@dataclass(frozen=True)
class Interval:
    """A figure with the bounds of its interval; the bounds are None where too few queries were drawn for one."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Row:
    """Figures are shares of traffic, 0..1, unless said otherwise. None: the figure does not exist for the scope.

    Attributes:
        name: the segment's or the failure class's id; empty for the market as a whole.
        interval_date: last local day of the log that the run read; the day on which the engine was asked, if the log
            has no window.
        interval_start: the log's window up to but not including interval_end, both in UTC; None for an open side.
        asked_on: day (UTC) on which the engine was first asked. A backfill asks today's engine about an old log.
        ndcg: nDCG@k, 0..1.
        gain: nDCG that the change of a class wins back, -1..1.
        claimed: whether the class is claimed; of markets and segments, whether nDCG has an interval.
        measured_share: searched and judged; of the market.
        calls: paid calls of models, and usd what they cost; of the market.
        report_digest: artefact digest of the market's report: equal digests, equal figures.
        program_digest: image or program that made the report.
    """

    run_id: str
    market: str
    scope: Scope
    name: str
    interval_date: date
    interval_start: datetime | None
    interval_end: datetime | None
    asked_on: date | None
    judge: str
    k: int
    confidence_level: float
    queries: int
    traffic_share: float
    ndcg: Interval | None
    loss: Interval | None
    gain: Interval | None
    claimed: bool
    measured_share: float | None
    calls: int | None
    usd: float | None
    report_digest: str
    program_digest: str
