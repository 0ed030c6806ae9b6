"""A run's report for a terminal: what to do first, then figures. Readable at 80 columns, and no name is cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import fsum

from rich.box import SIMPLE_HEAD
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sq.v1.manifest_pb2 import ModelUsage, SearchTime
from sq.v1.report_pb2 import Estimate, FailureClass, FailureKind, MarketReport, RunReport
from sq_cli.console import err, out
from sq_measures.whole_log import no_interval
from sq_stagekit.search_times import search_days
from sq_text import p_value

_SHOWN_CLASSES = 20
_SHOWN_SEGMENTS = 10
_SHOWN_QUERIES = 5
_WITH_INTERVALS = "nDCG"
_NOT_SOLD = {
    "NOT_SOLD": "Not for sale under any name that was tried",
    "NOT_SOLD/CALLED_OTHERWISE": "Not for sale, or called otherwise",
}


def print_report(report: RunReport, searched: Sequence[SearchTime] = (), stats: bool = False) -> None:
    """Prints the verdict of each market, what to do, and the table of markets.

    Args:
        searched: when the search endpoints were asked.
        stats: the statistics too: tests of changes, segments, clicks.
    """
    for market in report.markets:
        _print(f"{market.market}: {market.verdict}", "bold")
        _print_dates(market, search_days(searched, market.market))
    _print_classes(report)
    out.print(_markets(report.markets))
    for market in report.markets:
        for note in market.notes:
            _print(f"{market.market}: {note}", "dim")
    if stats:
        _print_statistics(report.markets)
    else:
        _print("sq show --stats prints the statistics; the page has text to paste and examples.", "dim")


def _print_dates(market: MarketReport, searched: str) -> None:
    """The days of the log and those of the search, which differ where a run looks at an old log."""
    dates = [f"log of {market.summary.window}"] if market.summary.window else []
    dates += [f"searched on {searched}"] if searched else []
    if dates:
        _print(f"{market.market}: {', '.join(dates)}", "dim")


def print_first(report: RunReport) -> None:
    """Prints what to change first in each market: the last lines of a run, which a terminal shows."""
    out.print()
    for market in report.markets:
        first = next((item for item in market.failure_classes if item.claimed), None)
        if first is not None:
            deed = first.headline.partition(", to win back")[0].rstrip(".")
            told = f"{deed} ({_worth(first)})."
            if first.not_measurable:
                _print(f"Check in {market.market}: {told} {first.not_measurable}", "bold")
            else:
                _print(f"Change first in {market.market}: {told}", "bold")


def print_cost(usage: Sequence[ModelUsage]) -> None:
    """Prints what paid models used for a run; nothing where none was called. Dollars need a price."""
    if calls := sum(item.calls for item in usage):
        tokens = sum(item.input_tokens + item.output_tokens for item in usage)
        dollars = fsum(item.usd for item in usage)
        paid = f"${dollars:.2f}, " if dollars else ""
        reduced = sum(item.reduced_tokens for item in usage)
        cheaper = f", {reduced / tokens:.0%} of them at the reduced price of flex or batch" if reduced else ""
        ended = sorted({item.market for item in usage if item.budget_ended})
        short = f" The budget ended before the work in {', '.join(ended)}." if ended else ""
        _print(f"Paid models: {paid}{calls:,} calls, {tokens:,} tokens{cheaper}.{short}")
        if fallbacks := sum(item.fallbacks for item in usage):
            _print(f"Flex had no room for {fallbacks:,} calls, which were made at the standard price.")


def print_unreported(usage: Sequence[Mapping[str, float]]) -> None:
    """Prints what was paid for without a report; nothing where no call was answered."""
    calls = sum(item.get("calls", 0) for item in usage)
    if tokens := sum(item.get("input_tokens", 0) + item.get("output_tokens", 0) for item in usage):
        dollars = fsum(item.get("usd", 0.0) for item in usage)
        paid = f"${dollars:.2f}, " if dollars else ""
        err.print(
            f"Paid models, for stages that are in no report yet: {paid}{calls:,} calls, {tokens:,} tokens.",
            highlight=False,
            soft_wrap=True,
        )


def _print(text: str, style: str = "", indent: int = 0) -> None:
    out.print(Padding(Text(text, style=style, overflow="fold"), (0, 0, 0, indent), expand=False))


def _print_classes(report: RunReport) -> None:
    claimed = [item for item in report.ranking if item.claimed]
    for number, item in enumerate(claimed[:_SHOWN_CLASSES], 1):
        out.print()
        _print(f"{number}. {item.class_id} ({item.market}): {_worth(item)}", "bold")
        _print(item.headline, indent=3)
        if item.not_measurable:
            _print(item.not_measurable, "dim", indent=3)
        for suggestion in item.suggestions if not item.mechanism else ():
            engine = "" if suggestion.engine == "any" else f"{suggestion.engine}: "
            _print(f"→ {engine}{suggestion.text}", indent=3)
    if len(claimed) > _SHOWN_CLASSES:
        _print(f"{len(claimed) - _SHOWN_CLASSES} more findings are on the page.", "dim")
    if not claimed:
        out.print()
        _print("Nothing is claimed.")
    for item in report.ranking:
        if item.kind == FailureKind.FAILURE_KIND_NOT_SOLD:
            _print_not_sold(item)


def _print_not_sold(item: FailureClass) -> None:
    out.print()
    title = _NOT_SOLD.get(item.class_id, item.class_id)
    _print(f"{title} ({item.market}): {item.traffic_share:.1%} of the traffic, no loss of the search", "bold")
    named = ", ".join(part.item for part in item.items[:_SHOWN_QUERIES])
    _print(f"{item.headline} Such as: {named}.", indent=3)
    if item.not_measurable:
        _print(item.not_measurable, "dim", indent=3)


def _worth(item: FailureClass) -> str:
    """What a repair wins back, or what is concerned."""
    if item.mechanism:
        interval = f" [{100 * item.gain.low:.1f}, {100 * item.gain.high:.1f}]" if item.gain.claimed else ""
        return f"at least +{100 * item.gain.value:.1f} points of nDCG{interval}"
    if item.kind == FailureKind.FAILURE_KIND_RETRIEVAL_FAILED:
        return f"loses {item.loss.value:.1%} of the traffic"
    if item.traffic_share:
        return f"concerns {item.traffic_share:.1%} of the traffic"
    return "gain not measured"


def _markets(markets: Iterable[MarketReport]) -> Table:
    table = _table("", "market", "measured", "nDCG", "zero results", "lost", "nothing relevant", "findings")
    for market in markets:
        overall = market.overall
        table.add_row(
            Text(market.market),
            f"{market.coverage.measured:.0%}",
            _with_interval(overall.ndcg),
            f"{overall.zero_result_rate.value:.1%}",
            f"{overall.loss.value:.1%}",
            f"{market.coverage.not_sold:.1%}",
            str(sum(item.claimed for item in market.failure_classes)),
        )
    return table


def _print_statistics(markets: Iterable[MarketReport]) -> None:
    for market in markets:
        out.print()
        out.print(_coverage(market))
        out.print(_tests(market))
        out.print(_segments(market))
        if market.HasField("clicks"):
            out.print(_clicks(market))


def _coverage(market: MarketReport) -> Text:
    coverage, probing = market.coverage, market.probing
    return Text(
        f"{market.market}: judge {market.judge or 'none'}. Whatever the unjudged results are, nDCG@{market.k} of "
        f"everything sold is between {coverage.ndcg_low:.2f} and {coverage.ndcg_high:.2f}. "
        f"{market.accounting.queries_made} searches, {probing.probes} probes, {market.accounting.judgments} judgments. "
        f"{market.unattributed_loss:.1%} of the traffic is lost without a known cause."
    )


def _tests(market: MarketReport) -> Table:
    table = _table(f"{market.market}: changes that were tried", "mechanism", "queries", "points", "p", "outcome")
    table.columns[-1].justify = "left"
    for test in market.probing.tests:
        tried = bool(test.eligible_queries)
        table.add_row(
            Text(test.mechanism),
            str(test.eligible_queries) if tried else "–",
            f"{100 * test.gain:.1f}" if tried else "–",
            p_value(test.p_value) if tried else "–",
            Text(test.reason or "claimed"),
        )
    return table


def _segments(market: MarketReport) -> Table:
    names = ("segment", "share", "nDCG", f"P@{market.k}", "ERR", "judged", "zero results")
    table = _table(f"{market.market}: segments by loss", *names)
    segments = sorted(market.segments, key=lambda item: -item.loss.value)[:_SHOWN_SEGMENTS]
    for segment in [market.overall, *segments]:
        table.add_row(
            Text(segment.segment_id or "all"),
            f"{segment.traffic_share:.1%}",
            _with_interval(segment.ndcg),
            _figure(segment.precision),
            _figure(segment.err),
            _figure(segment.judged),
            _figure(segment.zero_result_rate),
        )
    table.caption = (
        f"{no_interval(market.summary)} "
        f"{market.overall.variant_share.value:.1%} of results are near-duplicates of one above."
    )
    return table


def _clicks(market: MarketReport) -> Table:
    clicks = market.clicks
    names = ("grade", "products", "impressions", "clicks", "debiased rate")
    table = _table(f"{market.market}: clicks beside judgments", *names)
    for grade in clicks.grades:
        rate = grade.rate
        value = f"{rate.value:.1%} [{rate.low:.1%}, {rate.high:.1%}]" if rate.claimed else f"({rate.value:.1%})"
        table.add_row(
            str(grade.grade), str(grade.pairs), str(grade.impressions), str(grade.clicks),
            value if rate.examined else "–",
        )  # fmt: skip
    table.caption = f"Judge and clicks disagree on {len(clicks.disagreements)} of {clicks.tested} products tested."
    return table


def _table(title: str, first: str, *numbers: str) -> Table:
    """A table whose first column is text; every cell wraps instead of being cut."""
    table = Table(title=title or None, title_justify="left", caption_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right", overflow="fold", no_wrap=name == _WITH_INTERVALS)
    return table


def _with_interval(estimate: Estimate) -> Text:
    interval = f" [{estimate.low:.2f}, {estimate.high:.2f}]" if estimate.claimed else ""
    return Text(f"{_figure(estimate)}{interval}")


def _figure(estimate: Estimate) -> str:
    if not estimate.queries:
        return "–"
    text = f"{estimate.value:.2f}"
    return text if estimate.claimed else f"({text})"
