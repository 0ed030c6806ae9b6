"""`bazel run //bench:history [-- --series N]`: how often the chart of the history is wrong, and what it finds.

A market runs every week. Its nDCG is a level, a deviation between runs that may follow the week before, and an error of
sampling whose standard error the chart knows. Counted are years with a false alarm, and drops that are named within
some weeks.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from sq_claims.rate import Rate
from sq_history import Chart, Point

_YEAR = 52
_LEVEL = 0.7
# Weeks before a drop, and weeks in which it is looked for.
_BEFORE = (8, 26)
_WITHIN = 4
_DROPS = (0.02, 0.05)


@dataclass(frozen=True)
class Series:
    """Weekly nDCG.

    Attributes:
        error: standard error of each run, which the chart knows.
        between: standard deviation between runs, which it does not know.
        correlation: of the deviation with that of the week before.
    """

    error: float
    between: float = 0.0
    correlation: float = 0.0

    def draw(self, rng: np.random.Generator, weeks: int, drop: float = 0.0, at: int = 0) -> list[Point]:
        """Points of so many weeks; nDCG is lower by `drop` from week `at` on."""
        deviation = rng.normal(0, 1, weeks)
        for week in range(1, weeks):
            fresh = np.sqrt(1 - self.correlation**2) * deviation[week]
            deviation[week] = self.correlation * deviation[week - 1] + fresh
        values = _LEVEL + self.between * deviation + rng.normal(0, self.error, weeks)
        values[at:] -= drop
        return [Point(float(value), self.error) for value in values]


CASES = (
    Series(0.01),
    Series(0.01, 0.005),
    Series(0.01, 0.01),
    Series(0.005, 0.01),
    Series(0.01, 0.005, 0.3),
    Series(0.01, 0.01, 0.3),
    Series(0.01, 0.01, 0.6),
    Series(0.005, 0.01, 0.6),
)


@dataclass(frozen=True)
class Found:
    """Of one kind of series.

    Attributes:
        years: with at least one false alarm.
        drops: named within _WITHIN weeks, by weeks before the drop and its size.
    """

    series: Series
    years: Rate
    drops: dict[tuple[int, float], Rate]


def simulate(series: Series, count: int) -> Found:
    rng = np.random.default_rng(20261126)
    chart = Chart()
    alarms = sum(bool(chart.changes(series.draw(rng, _YEAR))) for _ in range(count))
    drops = {}
    for before in _BEFORE:
        for drop in _DROPS:
            drawn = (series.draw(rng, before + _WITHIN, drop, before) for _ in range(count))
            drops[before, drop] = Rate(sum(_named(chart, points, before) for points in drawn), count)
    return Found(series, Rate(alarms, count), drops)


def _named(chart: Chart, points: Sequence[Point], at: int) -> bool:
    return any(change.seen >= at and change.size < 0 for change in chart.changes(points))


def _table(found: Sequence[Found]) -> Table:
    table = Table(title=f"Weekly runs; drops named within {_WITHIN} weeks", title_justify="left")
    for name in ("standard error", "between runs", "correlation", "years with a false alarm"):
        table.add_column(name, justify="right")
    for before in _BEFORE:
        for drop in _DROPS:
            table.add_column(f"{100 * drop:.0f} points after {before} weeks", justify="right")
    for one in found:
        series = one.series
        facts = (f"{series.error:.3f}", f"{series.between:.3f}", f"{series.correlation:.1f}", str(one.years))
        table.add_row(*facts, *(f"{rate.value:.0%}" for rate in one.drops.values()))
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=1000, help="series of each kind")
    flags = parser.parse_args()
    found = [simulate(series, flags.series) for series in CASES]
    Console(width=180).print(_table(found))
    worst = max(one.years.value for one in found if one.series.correlation == 0)
    print(f"worst share of years with a false alarm, runs independent: {worst:.1%}")
    return 0 if worst <= 0.1 else 1


if __name__ == "__main__":
    sys.exit(main())
