"""Prints a run's report on a terminal."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from sq.v1.report_pb2 import Estimate, MarketReport, RunReport
from sq_cli.console import out

_SHOWN_CLASSES = 20
_SHOWN_SEGMENTS = 10


def print_report(report: RunReport) -> None:
    """Prints the ranking of failure classes, then the measures of each market."""
    out.print(_ranking(report))
    for market in report.markets:
        out.print(_market(market))
        if market.HasField("clicks"):
            out.print(_clicks(market))
        for note in market.notes:
            out.print(Text(f"{market.market}: {note}", style="dim"))


def _ranking(report: RunReport) -> Table:
    claimed = [item for item in report.ranking if item.claimed]
    table = Table(title="Failure classes by loss of traffic", title_justify="left")
    for name in ("#", "market", "class", "loss", "interval", "queries", "q"):
        table.add_column(name, justify="right" if name in ("#", "loss", "interval", "queries", "q") else "left")
    for number, item in enumerate(claimed[:_SHOWN_CLASSES], 1):
        table.add_row(
            str(number),
            item.market,
            Text(item.class_id),
            f"{item.loss.value:.2%}",
            f"{item.loss.low:.2%}–{item.loss.high:.2%}",
            str(item.queries),
            f"{item.q_value:.3f}",
        )
    if not claimed:
        table.add_row("", "", "no failure class has enough evidence", "", "", "", "")
    table.caption = f"{len(claimed)} of {len(report.ranking)} candidate classes have enough evidence."
    return table


def _market(market: MarketReport) -> Table:
    table = Table(title=f"{market.market}: measures at {market.k}, judge {market.judge}", title_justify="left")
    names = ("segment", "share", "judgment", "nDCG", "interval", "P", "ERR", "judged", "zero results")
    for name in names:
        table.add_column(name, justify="left" if name == "segment" else "right")
    segments = sorted(market.segments, key=lambda item: -item.loss.value)[:_SHOWN_SEGMENTS]
    for segment in [market.overall, *segments]:
        table.add_row(
            Text(segment.segment_id or "all"),
            f"{segment.traffic_share:.1%}",
            _figure(segment.mean_judgment),
            _figure(segment.ndcg),
            f"{segment.ndcg.low:.2f}–{segment.ndcg.high:.2f}" if segment.ndcg.claimed else "",
            _figure(segment.precision),
            _figure(segment.err),
            _figure(segment.judged),
            _figure(segment.zero_result_rate),
        )
    table.caption = (
        "Segments with the largest loss first. Figures in brackets rest on too few queries for a conclusion. "
        f"{market.overall.variant_share.value:.1%} of results are near-duplicates of a result above them."
    )
    return table


def _clicks(market: MarketReport) -> Table:
    clicks = market.clicks
    table = Table(title=f"{market.market}: clicks and judgments", title_justify="left")
    for name in ("grade", "products", "impressions", "clicks", "debiased rate", "interval"):
        table.add_column(name, justify="right")
    for grade in clicks.grades:
        rate = grade.rate
        value = f"{rate.value:.1%}" if rate.claimed else f"({rate.value:.1%})"
        interval = f"{rate.low:.1%}–{rate.high:.1%}" if rate.claimed else ""
        table.add_row(
            str(grade.grade), str(grade.pairs), str(grade.impressions), str(grade.clicks),
            value if rate.examined else "–", interval,
        )  # fmt: skip
    table.caption = f"The judge and clicks disagree on {len(clicks.disagreements)} of {clicks.tested} tested products."
    return table


def _figure(estimate: Estimate) -> str:
    text = f"{estimate.value:.2f}"
    return text if estimate.claimed else f"({text})"
