"""Prints estimates."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from sq_cli.console import out
from sq_cli.money.detect import POWER, Detection
from sq_cli.money.estimate import Estimate, Rates


def print_estimates(found: Sequence[Estimate], date: str, rates: Rates, shortfalls: Sequence[str] = ()) -> None:
    """A line a market on its pairs, a table of packings and modes, and what the figures assume.

    Args:
        date: of the price file; empty where all prices are those of the configuration.
        shortfalls: sentences on budgets that end before the work.
    """
    if not found:
        out.print("No judge of this run is paid for, so judging costs nothing.", highlight=False)
        return
    for market in dict.fromkeys(one.market for one in found):
        one = next(one for one in found if one.market == market)
        out.print(
            f"{market}: {one.pairs:,} pairs, {one.distinct:,} distinct, {one.hits:,} answered already; {one.model}."
            + (f" {one.canaries:,} calls are of canaries." if one.canaries else "")
            + (f" {one.guidelines:,} calls are for guidelines." if one.guidelines else "")
            + (f" The calls have {one.pictures:,} pictures." if one.pictures else ""),
            highlight=False,
        )
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("market", "mode"):
        table.add_column(name, no_wrap=True)
    for name in ("a call", "calls", "input", "cached", "output", "dollars", "hours"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found:
        tokens = (f"{count / 1000:,.0f}k" for count in (one.input_tokens, one.cached_tokens, one.output_tokens))
        style = "bold" if one.configured else ""
        hours = f"≤ {one.hours:.0f}" if one.mode == "batch" else f"{one.hours:.2f}"
        table.add_row(
            one.market, one.mode, str(one.packing), f"{one.calls:,}", *tokens, f"{one.usd:.2f}", hours, style=style
        )
    out.print(table)
    for said in shortfalls:
        out.print(f"Warning: {said}", style="yellow", highlight=False)
    prices = f"Prices of {date}." if date else "Prices of the configuration."
    output = "as many as usual for its rubric" if rates.output_tokens is None else f"{rates.output_tokens:.0f} tokens"
    seconds = "0.5 s and 100 tokens a second" if rates.call_seconds is None else f"{rates.call_seconds:g} s"
    out.print(
        f"{prices} A token has {rates.bytes_per_token:.2f} bytes, an answer {output} a product: "
        f"{rates.source}. A call takes {seconds}. Flex calls may take longer.",
        style="dim",
        highlight=False,
    )


def print_detection(found: Detection) -> None:
    """How many queries a difference needs, with and without an audit."""
    spread = found.spread
    out.print(
        f"A difference of {found.difference:g} in mean nDCG needs {found.queries:,} queries "
        f"(two-sided test of 5 %, seen with {POWER:.0%}).",
        highlight=False,
    )
    table = Table("queries judged", "audits", box=SIMPLE_HEAD)
    for row in found.audited:
        table.add_row(f"{row.queries:,}", f"{row.audits:,}")
    out.print(table)
    out.print(
        f"Audits are for the difference that the audit's judge would find. A query's change has a standard deviation "
        f"of {spread.deviation:.3f} ({spread.source}); {spread.design:.2f} queries weigh as one. The changes by both "
        f"judges correlate by {found.correlation:g} (assumed).",
        style="dim",
        highlight=False,
    )
