"""Where the marks of a market's trend stand in its picture, which the template writes as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sq_history import Row

WIDTH, HEIGHT = 640, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 620, 12, 122
# The least range of nDCG, so that noise does not fill the picture.
_LEAST_RANGE = 0.1


@dataclass(frozen=True)
class Mark:
    """nDCG of one run. low and high are None without an interval; `own` marks the run of the page."""

    x: float
    y: float
    low: float | None
    high: float | None
    own: bool
    row: Row


@dataclass(frozen=True)
class Picture:
    """In units of the SVG, whose y points down.

    Attributes:
        line: the corners of the line through all marks, as SVG has them.
        changes: x of the runs at which a change starts.
        ticks: (y, nDCG) of the horizontal lines.
    """

    marks: tuple[Mark, ...]
    line: str
    changes: tuple[float, ...]
    ticks: tuple[tuple[float, float], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = _RIGHT
    top: int = _TOP
    bottom: int = _BOTTOM


def draw(runs: Sequence[Row], own: Row, changes: Sequence[Row]) -> Picture | None:
    """The picture of runs in the order of their dates; None if fewer than two have an nDCG."""
    shown = [row for row in runs if row.ndcg]
    if len(shown) < 2:
        return None
    lowest, highest = _range(shown)
    days = [row.interval_date.toordinal() for row in shown]

    def down(value: float) -> float:
        return round(_BOTTOM - (value - lowest) / (highest - lowest) * (_BOTTOM - _TOP), 1)

    def right(place: int) -> float:
        span = days[-1] - days[0]
        share = (days[place] - days[0]) / span if span else place / (len(days) - 1)
        return round(_LEFT + 10 + share * (_RIGHT - _LEFT - 20), 1)

    marks = tuple(
        Mark(
            x=right(place),
            y=down(row.ndcg.value),
            low=None if row.ndcg.low is None else down(row.ndcg.low),
            high=None if row.ndcg.high is None else down(row.ndcg.high),
            own=row is own,
            row=row,
        )
        for place, row in enumerate(shown)
    )
    return Picture(
        marks=marks,
        line=" ".join(f"{mark.x},{mark.y}" for mark in marks),
        changes=tuple(mark.x for mark in marks if any(mark.row is change for change in changes)),
        ticks=tuple((down(value), value) for value in (lowest, (lowest + highest) / 2, highest)),
    )


def _range(rows: Sequence[Row]) -> tuple[float, float]:
    """The least and greatest nDCG of the picture, within 0..1."""
    bounds = [bound for row in rows for bound in (row.ndcg.value, row.ndcg.low, row.ndcg.high) if bound is not None]
    lowest, highest = min(bounds), max(bounds)
    more = max(0.0, _LEAST_RANGE - (highest - lowest)) / 2
    lowest, highest = max(0.0, lowest - more), min(1.0, highest + more)
    return (lowest, highest) if highest > lowest else (0.0, 1.0)
