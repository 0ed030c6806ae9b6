"""`sq compare`: whether the second of two runs is better."""

from __future__ import annotations

import json as json_format
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from sq_cli import history
from sq_cli.calibrate.labels import read_labels
from sq_cli.compare.comparison import compare as compare_market
from sq_cli.compare.gold import check_gold
from sq_cli.compare.run_records import markets_of, read_market
from sq_cli.compare.second_judge import second_judge
from sq_cli.compare.table import print_comparison, print_gold, print_second_judge
from sq_cli.console import err
from sq_stagekit.errors import InputError

EXIT_REGRESSION = 3
EXIT_UNTRUSTED = 4


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
    gold: Annotated[
        Path | None, typer.Option(help="Fixed ratings by people, with which the judges of both runs are compared.")
    ] = None,
    people: Annotated[str, typer.Option(help="How --gold is read, as YAML: {scale: {min: 1, max: 5}}, …")] = "{}",
    min_kappa: Annotated[
        float | None,
        typer.Option(
            min=-1, max=1, help="Exit with 4, and gate on nothing, if a judge's quadratic kappa with --gold is lower."
        ),
    ] = None,
    max_drift: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Exit with 3 if B agrees with --gold less than A by more than this, and than chance."
        ),
    ] = None,
) -> None:
    """Compare two runs over the same queries, with their judgments pooled.

    Examples:

        sq compare november latest --max-regression 0.5

        sq compare november latest --max-regression 0.5 --gold gold.csv --min-kappa 0.6 --max-drift 0.05
    """
    for flag, given in (("--min-kappa", min_kappa), ("--max-drift", max_drift)):
        if given is not None and gold is None:
            raise InputError(flag, "needs a gold set", "give --gold FILE")
    labels = read_labels(gold, people, [], "--gold").grades if gold else {}
    places = [history.find(name).uri for name in (first, second)]
    shared = [name for name in markets_of(places[0]) if name in markets_of(places[1])]
    if not shared:
        raise InputError("B", "has no market in common with A", "give two runs over the same markets")
    runs = {name: [read_market(place, name) for place in places] for name in shared}
    comparisons = [compare_market(name, *runs[name]) for name in shared]
    empty = [one.market for one in comparisons if not one.overall.queries]
    if empty:
        raise InputError("B", f"has no measured query in common with A in market {empty[0]}", "compare runs of one log")
    checks = [check_gold(name, labels, *runs[name]) for name in shared] if gold else []
    if gold and not any(check.pairs for check in checks):
        raise InputError("--gold", "has no pair that both runs judged", "give ratings for these queries and products")
    others = [found for one in comparisons if (found := second_judge(one.market, *runs[one.market], one.shared))]
    if json:
        more: dict[str, dict[str, object]] = {name: {} for name in shared}
        for key, of_market in (("gold", checks), ("second_judge", others)):
            for one in of_market:
                more[one.market][key] = asdict(one)
        items = [asdict(one) | more[one.market] for one in comparisons]
        print(json_format.dumps(items, ensure_ascii=False, indent=1))
    else:
        print_comparison(comparisons)
        for check in checks:
            print_gold(check)
        for other in others:
            print_second_judge(other)
    if max_drift is not None and any(check.drifted(max_drift) for check in checks):
        err.print("The judge has drifted: it agrees with the gold set less than before.")
        raise typer.Exit(EXIT_REGRESSION)
    if min_kappa is not None and not all(check.trusted(min_kappa) for check in checks):
        err.print(f"Nothing is gated on: a judge's quadratic kappa with the gold set is below {min_kappa:g}.")
        raise typer.Exit(EXIT_UNTRUSTED)
    if max_regression is not None and any(one.regression(max_regression / 100) for one in comparisons):
        raise typer.Exit(EXIT_REGRESSION)
