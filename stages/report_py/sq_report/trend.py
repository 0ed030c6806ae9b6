"""The figures of a market over its runs, as the page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import ndtri

from sq_history import Chart, Point, Row, Snapshot
from sq_report.trend_picture import Picture, draw

_POINTS = 100


@dataclass(frozen=True)
class NamedChange:
    """A change of nDCG beyond the noise.

    Attributes:
        size: points of nDCG, by which it rose or fell.
        start: the first run at the new level.
        seen: the run in which the chart noticed it.
        other_program: another program made the reports from `start` on.
    """

    size: float
    start: Row
    seen: Row
    other_program: bool


@dataclass(frozen=True)
class Trend:
    """What a history says about a market up to this run.

    Attributes:
        runs: by the date of their interval; this run is among them.
        others: runs of the history that another judge or k measured; they cannot be compared.
        changes: in the order of the runs.
        refused: the history holds other figures under this run's ID.
        unfinished: this run is not finished, and so not added to the history.
    """

    snapshot: Snapshot
    runs: tuple[Row, ...]
    others: int
    changes: tuple[NamedChange, ...]
    picture: Picture | None
    refused: bool
    unfinished: bool

    @classmethod
    def of(cls, snapshot: Snapshot, own: Row, *, unfinished: bool = False) -> Trend:
        """own: the row of the market in this run, which the snapshot may hold already."""
        before = [row for row in snapshot.markets if row.run_id != own.run_id]
        alike = [row for row in before if (row.judge, row.k) == (own.judge, own.k)]
        runs = sorted([*alike, own], key=_order)
        changes = _changes(runs)
        refused = any(row.run_id == own.run_id and row.report_digest != own.report_digest for row in snapshot.markets)
        return cls(
            snapshot=snapshot,
            runs=tuple(runs),
            others=len(before) - len(alike),
            changes=changes,
            picture=draw(runs, own, [change.start for change in changes]),
            refused=refused,
            unfinished=unfinished,
        )


def _order(row: Row) -> tuple[str, str, str]:
    return row.interval_date.isoformat(), row.asked_on.isoformat() if row.asked_on else "", row.run_id


def _changes(runs: Sequence[Row]) -> tuple[NamedChange, ...]:
    """Of the runs whose nDCG has an interval."""
    rows = [row for row in runs if row.ndcg and row.ndcg.low is not None and row.ndcg.high is not None]
    return tuple(
        NamedChange(
            size=_POINTS * change.size,
            start=rows[change.start],
            seen=rows[change.seen],
            other_program=rows[change.start].program_digest != rows[change.start - 1].program_digest,
        )
        for change in Chart().changes([_point(row) for row in rows])
    )


def _point(row: Row) -> Point:
    """The interval is taken for one of the normal distribution."""
    wide = 2 * float(ndtri((1 + row.confidence_level) / 2))
    return Point(row.ndcg.value, (row.ndcg.high - row.ndcg.low) / wide)
