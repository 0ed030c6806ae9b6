"""`sq export` writes judgments in the forms that other tools import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from sq.v1.judgment_pb2 import JudgingRecord
from sq.v1.query_pb2 import QuerySetRecord
from sq_cli import history
from sq_cli.calibrate.labels import read_labels
from sq_cli.compare.run_records import markets_of, records
from sq_cli.console import err
from sq_cli.judging import reason_text
from sq_handoff.location import join
from sq_ratings import FORMS, Judged, write_judgments
from sq_stagekit.errors import InputError
from sq_text import count_of

_BY_EXTENSION = {"csv": "csv", "json": "srw", "parquet": "parquet", "qrels": "qrels", "txt": "qrels"}


def export(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="latest, a run id, a run's folder, or a file of ratings.")
    ],
    out: Annotated[Path, typer.Option(help="File to write.")],
    form: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMS)}. Default: by the file's extension.")] = "",
    market: Annotated[str, typer.Option(help="Market of the run. Default: its only one.")] = "",
    people: Annotated[
        str, typer.Option(help="How a file of ratings is read, as YAML: {scale: {min: 1, max: 5}}, {values: {E: 4}}, …")
    ] = "{}",
) -> None:
    """Write the judgments of a run, or of a file of ratings, as grades of 0 to 4.

    Examples:

        sq export latest --out judgments.qrels

        sq export november --market uk --format quepid --out ratings.csv

        sq export esci.json --people '{values: {"100": 4, "10": 3, "1": 1, "0": 0}}' --out judgments.parquet
    """
    chosen = form or _BY_EXTENSION.get(out.suffix.lstrip(".").lower(), "")
    if chosen not in FORMS:
        problem = f"there is no format {form!r}" if form else f"cannot tell the format of {out} from its extension"
        raise InputError("--format", problem, f"give one of {', '.join(FORMS)}")
    rows = list(_of_file(Path(source), people) if Path(source).is_file() else _of_run(source, market))
    if not rows:
        raise InputError("SOURCE", f"{source} has no judgments", "give a run that judged something")
    write_judgments(out, chosen, rows, name=Path(source).stem)
    err.print(
        f"{count_of(len(rows), 'judgment')} of {count_of(len({row.query for row in rows}))}: {out}", soft_wrap=True
    )


def _of_file(path: Path, people: str) -> Iterator[Judged]:
    for (query, product), grade in read_labels(path, people, []).grades.items():
        yield Judged(query, product, grade)


def _of_run(source: str, market: str) -> Iterator[Judged]:
    """All judgments of a market, with those of known matches and of probes' results, by the customers' own words."""
    place = history.find(source)
    names = markets_of(place.uri)
    if not market and len(names) > 1:
        raise InputError("--market", f"the run has {len(names)}: {', '.join(names)}", "give one of them")
    if market and market not in names:
        raise InputError("--market", f"the run has no {market!r}, only {', '.join(names)}", "give one of them")
    folder = join(place.uri, market or names[0])
    queries = {
        query.query_id: query
        for record in records(folder, "generate", QuerySetRecord)
        for query in record.segment.queries
    }
    for node in ("evaluate", "probe-evaluate"):
        for record in records(folder, node, JudgingRecord):
            if record.HasField("judgment"):
                one = record.judgment
                reasons = " ".join(map(reason_text, one.reasons))
                text = queries[one.query_id].source_text
                yield Judged(text, one.product_id, one.grade, one.judge, round(one.confidence, 6), reasons)
