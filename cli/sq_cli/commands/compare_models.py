"""`sq model compare`: whether one model agrees with labels better than another."""

from __future__ import annotations

import json as json_format
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from sq_agreement import Paired, paired
from sq_cli.calibrate.labels import Labels, read_labels
from sq_cli.console import out
from sq_cli.options import CatalogueFields, Language, People
from sq_cli.rating import Products, rate
from sq_stagekit.errors import InputError

EXIT_NOT_BETTER = 3
_LEVEL = 0.05


def compare_models(
    first: Annotated[str, typer.Argument(metavar="NEW", help="BUCKET/NAME@VERSION, or a signed folder.")],
    second: Annotated[str, typer.Argument(metavar="OLD", help="The same, such as BUCKET/NAME@production.")],
    labels: Annotated[Path, typer.Option(help="Ratings that neither model was trained on, as for sq calibrate.")],
    catalogue: Annotated[Path, typer.Option(help="Products: JSON or CSV; plain, gzip or zstd.")],
    fields: CatalogueFields = None,
    people: People = "{}",
    language: Language = "en",
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    require_better: Annotated[
        bool, typer.Option("--require-better", help="Exit with 3 unless NEW is better (p at most 0.05).")
    ] = False,
) -> None:
    """Compare two trained judges: the agreement of each with labels, and a paired test over queries."""
    read = read_labels(labels, people, [])
    products = Products(catalogue, fields, language)
    found = _compared(read, [_grades(model, read, products) for model in (first, second)])
    if json:
        print(json_format.dumps(asdict(found), indent=1))
    else:
        _print(found)
    if require_better and not is_better(found):
        raise typer.Exit(EXIT_NOT_BETTER)


def is_better(found: Paired) -> bool:
    """Whether the first judge agrees better, by more than chance."""
    return found.difference > 0 and found.p_value <= _LEVEL


def _grades(model: str, labels: Labels, products: Products) -> list[str]:
    """The model's grade of each label, "" where it could not judge."""
    place = model if "://" in model else str(Path(model).absolute())
    judge = json_format.dumps({"trained": {"model": place}})
    return [verdict.judgment for verdict in rate(judge, labels.rows, products)]


def _compared(labels: Labels, judged: Sequence[Sequence[str]]) -> Paired:
    """Over the pairs that both could judge. Raises InputError if there are none."""
    rows = [row for row in zip(labels.grades, labels.grades.values(), *judged, strict=True) if row[2] and row[3]]
    try:
        return paired(
            [grade for _, grade, _, _ in rows],
            [int(one) for _, _, one, _ in rows],
            [int(other) for _, _, _, other in rows],
            [query for (query, _), _, _, _ in rows],
        )
    except ValueError as error:
        raise InputError("--labels", str(error), "give labels of several grades, of products in --catalogue") from error


def _print(found: Paired) -> None:
    interval = "" if found.low is None else f" [{found.low:+.3f}, {found.high:+.3f}]"
    out.print(f"quadratic kappa of NEW {found.first:.3f}, of OLD {found.second:.3f}")
    out.print(f"difference {found.difference:+.3f}{interval}, p = {found.p_value:.4f}", markup=False)
    out.print(f"{found.pairs:,} pairs of {found.queries} queries; the models differ on {found.differing}.", style="dim")
    if found.p_value > _LEVEL:
        out.print("Neither is better by more than chance.")
    else:
        out.print("NEW is better." if found.difference > 0 else "OLD is better.")
