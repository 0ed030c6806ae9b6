"""`sq judge` rates a list of (query, product) pairs with the evaluate stage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sq.v1.source_pb2 import CsvDialect
from sq_cli.console import err
from sq_cli.options import CatalogueFields, Language
from sq_cli.pairs_file import JudgedRow, check_writable, read_pairs, write_judged
from sq_cli.rating import JUDGES, Products, rate
from sq_stagekit.config import load_yaml, parse_config


def judge(
    judge: Annotated[str, typer.Option(help=f"{', '.join(JUDGES)}; with settings as YAML: {{openai: {{…}}}}.")],
    catalogue: Annotated[Path, typer.Option(help="Products: JSON or CSV; plain, gzip or zstd.")],
    pairs: Annotated[Path, typer.Option(help="Pairs: a table with the columns query and docid.")],
    out: Annotated[Path, typer.Option(help="CSV to write, with the columns query, docid, judgment, reasons.")],
    fields: CatalogueFields = None,
    csv: Annotated[
        str, typer.Option(help="How --pairs is written, as YAML: {separator: ';', encoding: …}. Default: detected.")
    ] = "{}",
    language: Language = "en",
) -> None:
    """Rate every pair of --pairs with a judge."""
    check_writable(out, [pairs, catalogue])
    rows = read_pairs(pairs, parse_config(load_yaml(csv, "--csv"), CsvDialect, "--csv"))
    verdicts = rate(judge, rows, Products(catalogue, fields, language))
    judged = [JudgedRow(row, one.judgment, one.reasons) for row, one in zip(rows, verdicts, strict=True)]
    write_judged(out, judged)
    distinct = {(row.query, row.docid): one for row, one in zip(rows, verdicts, strict=True)}
    failed = sum(not verdict.judgment for verdict in distinct.values())
    err.print(f"{len(rows)} pairs, {len(distinct)} distinct, {failed} without a judgment: {out}")
