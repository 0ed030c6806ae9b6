"""Histories of a market for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
from markets import healthy
from synthetic import report

from sq.v1.report_pb2 import MarketReport
from sq_history import Interval, Row
from sq_report.history_rows import Made, rows_of

SUNDAY = date(2026, 1, 11)
MADE = Made("this", date(2026, 7, 1), (), "sha256:this", "sha256:program")


def market(day: date = SUNDAY) -> MarketReport:
    """A sound market whose log ends with a day of New York."""
    made = MarketReport()
    made.CopyFrom(_sound())
    made.summary.start.FromJsonString(f"{day - timedelta(days=6)}T05:00:00Z")
    made.summary.end.FromJsonString(f"{day + timedelta(days=1)}T05:00:00Z")
    made.summary.window = f"{day - timedelta(days=6)} to {day} (America/New_York)"
    return made


@cache
def _sound() -> MarketReport:
    return report(healthy())


def own(day: date = SUNDAY) -> Row:
    """The row of the market as a whole."""
    return rows_of(market(day), MADE)[0]


def weekly(levels: list[float], error: float = 0.01, seed: int = 1) -> list[Row]:
    """Runs whose nDCG are the levels and noise; the last one is of SUNDAY."""
    random = np.random.default_rng(seed)
    rows = []
    for place, level in enumerate(levels):
        day = SUNDAY - timedelta(weeks=len(levels) - 1 - place)
        value = level + float(random.normal(0, error))
        figure = Interval(value, value - 1.96 * error, value + 1.96 * error)
        rows.append(replace(own(), run_id=f"w{place}", interval_date=day, ndcg=figure, report_digest=f"sha256:{place}"))
    return rows
