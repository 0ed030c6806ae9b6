"""`sq compare`: whether the second of two runs is better."""

from __future__ import annotations

import json as json_format
from dataclasses import asdict
from typing import Annotated

import typer

from sq_cli import history
from sq_cli.compare.comparison import compare as compare_market
from sq_cli.compare.run_records import markets_of, read_market
from sq_cli.compare.table import print_comparison
from sq_stagekit.errors import InputError

EXIT_REGRESSION = 3


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="The run to compare with: `latest`, a run id, a folder.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The run that may be better or worse.")],
    json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
    max_regression: Annotated[
        float | None,
        typer.Option(
            "--max-regression",
            min=0,
            max=100,
            help="Exit with 3 if a market loses more points of nDCG than this, and the loss is more than chance.",
        ),
    ] = None,
) -> None:
    """Compare two runs over the same queries, with their judgments pooled."""
    places = [history.find(name).uri for name in (first, second)]
    shared = [name for name in markets_of(places[0]) if name in markets_of(places[1])]
    if not shared:
        raise InputError("B", "has no market in common with A", "give two runs over the same markets")
    comparisons = [compare_market(name, *(read_market(place, name) for place in places)) for name in shared]
    empty = [one.market for one in comparisons if not one.overall.queries]
    if empty:
        raise InputError("B", f"has no measured query in common with A in market {empty[0]}", "compare runs of one log")
    if json:
        print(json_format.dumps([asdict(one) for one in comparisons], ensure_ascii=False, indent=1))
    else:
        print_comparison(comparisons)
    if max_regression is not None and any(one.regression(max_regression / 100) for one in comparisons):
        raise typer.Exit(EXIT_REGRESSION)
