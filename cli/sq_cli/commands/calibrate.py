"""`sq calibrate`: how far a judge can be trusted."""

from __future__ import annotations

import json as json_format
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from sq.v1.source_pb2 import Catalogue
from sq_cli.calibrate.cascade import find_cascade
from sq_cli.calibrate.labels import read_labels
from sq_cli.calibrate.pairs import facts_of, length_groups, overlap
from sq_cli.calibrate.report import calibrate as compare
from sq_cli.calibrate.show import print_calibration, print_cascade
from sq_cli.options import CatalogueFields, Language, People
from sq_cli.rating import JUDGES, Products, rate
from sq_source import read_catalogue
from sq_stagekit.config import parse_config
from sq_stagekit.errors import InputError

EXIT_BELOW = 3
_UNKNOWN = "not in the catalogue"


def calibrate(
    judge: Annotated[str, typer.Option(help=f"{', '.join(JUDGES)}; with settings as YAML: {{openai: {{…}}}}.")],
    labels: Annotated[Path, typer.Option(help="Ratings by people: a table, Quepid, TREC qrels or SRW JSON.")],
    catalogue: Annotated[Path, typer.Option(help="Products: JSON or CSV; plain, gzip or zstd.")],
    fields: CatalogueFields = None,
    people: People = "{}",
    raters: Annotated[
        str, typer.Option(help="Columns of single people, with commas between. Default: those named rater…")
    ] = "",
    language: Language = "en",
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    agreement: Annotated[
        float | None,
        typer.Option(
            min=0.5,
            max=0.999,
            help="Find the confidence from which the judge agrees with --labels so often: a cascade's.",
        ),
    ] = None,
    min_kappa: Annotated[
        float | None,
        typer.Option("--min-kappa", min=-1, max=1, help="Exit with 3 if quadratic kappa is below this."),
    ] = None,
) -> None:
    """Compare a judge with ratings by people: agreement, bias, and the people among themselves.

    Examples:

        sq calibrate --judge baseline --labels ratings.csv --catalogue products.ndjson

        sq calibrate --judge '{trained: {model: model/}}' --agreement 0.85 --labels ratings.csv --catalogue products.csv
    """
    read = read_labels(labels, people, [name.strip() for name in raters.split(",") if name.strip()])
    products = Products(catalogue, fields, language)
    rows = read.rows
    source = parse_config(products.source, Catalogue, "--catalogue")
    facts = facts_of(read_catalogue(source, "--catalogue"), {row.docid for row in rows}, language)
    if not facts:
        named = ", ".join(row.docid for row in rows[:3])
        raise InputError("--labels", f"none of its products ({named}, …) is in --catalogue", "give their catalogue")
    verdicts = {
        (row.query, row.docid): one for row, one in zip(rows, rate(judge, rows, products), strict=True) if one.judgment
    }
    judged = {pair: int(one.judgment) for pair, one in verdicts.items()}
    if not judged:
        problem = f"{judge} judged none of the {len(rows)} pairs"
        raise InputError("--judge", problem, "check it with sq judge, whose file says why")
    lengths = length_groups(facts)
    found = compare(
        read,
        judged,
        overlap_of=lambda pair: overlap(pair[0], facts[pair[1]], language) if pair[1] in facts else _UNKNOWN,
        length_of=lambda pair: lengths.get(pair[1], _UNKNOWN),
    )
    cascade = None
    if agreement is not None:
        confidence = {pair: one.confidence for pair, one in verdicts.items()}
        cascade = find_cascade(read.grades, judged, confidence, agreement)
    if json:
        figures = asdict(found) | ({"cascade": asdict(cascade)} if cascade else {})
        print(json_format.dumps(figures, ensure_ascii=False, indent=1))
    else:
        print_calibration(judge, found)
        if cascade:
            print_cascade(judge, cascade)
    if min_kappa is not None:
        kappa = found.judge.quadratic_kappa.value
        if kappa is None:
            problem = "all labels and judgments are one grade, so there is no kappa"
            raise InputError("--min-kappa", problem, "give labels of more than one grade")
        if kappa < min_kappa:
            raise typer.Exit(EXIT_BELOW)
