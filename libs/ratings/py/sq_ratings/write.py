"""Writes judgments in the forms that other tools import, and that `read_ratings` reads."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from sq_stagekit import InputError


@dataclass(frozen=True)
class Judged:
    """One judgment.

    Attributes:
        query: its text.
        rating: the grade, 0 to 4.
        judge: that gave it; empty if unknown.
        confidence: the judge's own, 0..1; 0 if it gives none.
        reasons: joined by spaces.
    """

    query: str
    docid: str
    rating: int
    judge: str = ""
    confidence: float = 0.0
    reasons: str = ""


def write_judgments(path: Path, form: str, rows: Sequence[Judged], name: str = "sq", field: str = "--out") -> None:
    """Writes the file completely, or not at all.

    Args:
        form: one of FORMS.
        name: of the list, for forms that have one.
        field: that names the file, for errors.

    Raises:
        InputError: the file cannot be written, or the form cannot hold a row.
    """
    draft = path.with_name(path.name + ".part")
    try:
        FORMS[form](draft, rows, name)
        os.replace(draft, path)
    except OSError as error:
        raise InputError(field, str(error), "give a path that can be written") from error
    finally:
        draft.unlink(missing_ok=True)


def _qrels(path: Path, rows: Sequence[Judged], _: str) -> None:
    """TREC qrels. The query is its text, with underscores for spaces; qrels have no field with spaces."""
    lines = []
    for row in rows:
        if len(row.docid.split()) != 1:
            raise InputError("--format", f"qrels cannot hold the product id {row.docid!r}", "choose another format")
        lines.append(f"{'_'.join(row.query.split())} 0 {row.docid} {row.rating}\n")
    path.write_text("".join(lines), encoding="utf-8")


def _quepid(path: Path, rows: Sequence[Judged], _: str) -> None:
    _table(path, ["query", "docid", "rating"], [(row.query, row.docid, row.rating) for row in rows])


def _csv(path: Path, rows: Sequence[Judged], _: str) -> None:
    _table(path, [one.name for one in fields(Judged)], [_cells(row) for row in rows])


def _cells(row: Judged) -> tuple[object, ...]:
    """An empty cell where the judge gives no confidence."""
    return tuple((asdict(row) | {"confidence": row.confidence or None}).values())


def _table(path: Path, columns: Sequence[str], rows: Sequence[tuple]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _srw(path: Path, rows: Sequence[Judged], name: str) -> None:
    """The body that imports a judgment list into OpenSearch's Search Relevance Workbench."""
    queries: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        queries.setdefault(row.query, []).append({"docId": row.docid, "rating": f"{row.rating:.3f}"})
    listed = [{"query": query, "ratings": ratings} for query, ratings in queries.items()]
    body = {"name": name, "description": "Judgments of sq", "type": "IMPORT_JUDGMENT", "judgmentRatings": listed}
    path.write_text(json.dumps(body, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _parquet(path: Path, rows: Sequence[Judged], _: str) -> None:
    # pyarrow is large and slow to import, and some images leave it out.
    import pyarrow
    from pyarrow import parquet

    types = {str: pyarrow.string(), int: pyarrow.int32(), float: pyarrow.float64()}
    schema = pyarrow.schema([(one.name, types[type(getattr(_EMPTY, one.name))]) for one in fields(Judged)])
    parquet.write_table(pyarrow.Table.from_pylist([asdict(row) for row in rows], schema), path)


_EMPTY = Judged("", "", 0)
# By name.
FORMS: dict[str, Callable[[Path, Sequence[Judged], str], None]] = {
    "csv": _csv,
    "parquet": _parquet,
    "qrels": _qrels,
    "quepid": _quepid,
    "srw": _srw,
}
