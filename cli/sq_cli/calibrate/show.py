"""Prints how far a judge can be trusted."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from sq_agreement import GRADES, Agreement, Figure
from sq_cli.calibrate.cascade import CascadeSettings
from sq_cli.calibrate.report import Calibration, Part
from sq_cli.console import out
from sq_cli.figure import figure_text


def print_calibration(name: str, found: Calibration) -> None:
    """A sentence, then tables: the judge beside people, where it errs, and which grades it confuses."""
    one = found.judge
    kappa = figure_text(one.quadratic_kappa)
    out.print(f"{name}: quadratic kappa {kappa} with people, exact {figure_text(one.exact)}, over {one.pairs:,} pairs.")
    out.print(f"Ratings of {found.scale} are grades of 0 to {GRADES - 1}.", style="dim")
    if found.unjudged:
        out.print(f"{found.unjudged:,} of {found.pairs:,} pairs were not judged and are in no figure.", style="yellow")
    out.print(
        _table(
            "who",
            [
                Part(f"{name}, labels", one),
                *(Part(f"{name}, {part.group}", part.agreement) for part in found.against_people),
                *(Part(f"{part.group}, labels", part.agreement) for part in found.people),
                *found.between,
            ],
        )
    )
    if found.people:
        out.print(
            "The labels may be made of these people's ratings, so each person agrees with them more.", style="dim"
        )
    out.print(_table("query in title", found.by_overlap))
    out.print(_table("text", found.by_length))
    out.print(_confusion(one))
    out.print(f"Kendall's tau: queries {_tau(found.tau_queries)}, products of a query {_tau(found.tau_products)}.")


def print_cascade(judge: str, found: CascadeSettings) -> None:
    """Prints the part of a configuration that keeps the judge's sure grades, or that there is none."""
    threshold = found.threshold
    if threshold is None:
        out.print(
            f"No confidence of {judge} shows an agreement of {found.agreement:.0%} on {found.queries:,} queries: "
            "give more labels, or ask for less.",
            style="yellow",
        )
        return
    out.print(
        f"From a confidence of {threshold.value:.2f} on, {judge} keeps {threshold.kept:.0%} of the pairs and agrees on "
        f"{threshold.agreement:.1%} of them, over {threshold.queries:,} queries. On new queries it is at least "
        f"{found.agreement:.0%}, with a probability of 95 %."
    )
    table = f", grade_confidence: {found.grade_confidence}" if found.grade_confidence else ""
    first = judge.strip() if ":" in judge else f"{{{judge}: {{}}}}"
    first = first if first.startswith("{") else f"{{{first}}}"
    print(f"cascade: {{first: {first}, then: {{openai: {{…}}}}, threshold: {threshold.value:.2f}{table}}}")


def _table(first: str, parts: Sequence[Part]) -> Table:
    table = Table(first, box=SIMPLE_HEAD)
    for name in ("pairs", "exact", "kappa", "quadratic kappa", "bias"):
        table.add_column(name, no_wrap=True)
    for part in parts:
        one = part.agreement
        shares = f"{one.exact.value:.2f}", figure_text(Figure(one.kappa.value))
        table.add_row(part.group, f"{one.pairs:,}", *shares, figure_text(one.quadratic_kappa), f"{one.bias.value:+.2f}")
    return table


def _confusion(one: Agreement) -> Table:
    table = Table("label", *(f"judged {grade}" for grade in range(GRADES)), "bias", box=SIMPLE_HEAD)
    for grade, (row, bias) in enumerate(zip(one.confusion, one.bias_by_grade, strict=True)):
        if bias is not None:
            table.add_row(str(grade), *map(str, row), f"{bias:+.2f}")
    return table


def _tau(tau: float | None) -> str:
    return "–" if tau is None else f"{tau:.2f}"
