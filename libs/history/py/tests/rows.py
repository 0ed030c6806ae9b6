"""Rows for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from sq_history import Interval, Row, Scope

DAY = date(2026, 1, 11)


def run(run_id: str = "r1", market: str = "uk", day: date = DAY, ndcg: float = 0.7, **more: object) -> list[Row]:
    """A row of each scope."""
    whole = Row(
        run_id=run_id,
        market=market,
        scope=Scope.MARKET,
        name="",
        interval_date=day,
        interval_start=datetime(2026, 1, 5, tzinfo=UTC),
        interval_end=datetime(2026, 1, 12, tzinfo=UTC),
        asked_on=date(2026, 1, 12),
        judge="baseline/1",
        k=10,
        confidence_level=0.95,
        queries=300,
        traffic_share=1.0,
        ndcg=Interval(ndcg, ndcg - 0.02, ndcg + 0.02),
        loss=Interval(1 - ndcg, 1 - ndcg - 0.02, 1 - ndcg + 0.02),
        gain=None,
        claimed=True,
        measured_share=0.95,
        calls=12,
        usd=0.5,
        report_digest=f"sha256:{ndcg}",
        program_digest="sha256:p",
    )
    whole = replace(whole, **more)
    beside = replace(whole, measured_share=None, calls=None, usd=None)
    return [
        whole,
        replace(beside, scope=Scope.SEGMENT, name="BRAND", ndcg=Interval(0.6), loss=None, claimed=False),
        replace(beside, scope=Scope.CLASS, name="MECHANISM/spelling", ndcg=None, gain=Interval(0.01, -0.01, 0.03)),
    ]
