"""Reads (query, product) pairs from CSV, and writes them with their judgments."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sq_stagekit.errors import InputError

OUT_COLUMNS = ("query", "docid", "judgment", "reasons")


@dataclass(frozen=True)
class PairRow:
    """One row of the input."""

    query: str
    docid: str


@dataclass(frozen=True)
class JudgedRow:
    """One row with its judgment ("0" to "4", empty if judging failed) and the reasons, joined by spaces."""

    row: PairRow
    judgment: str
    reasons: str


def read_pairs(path: Path) -> list[PairRow]:
    """The rows of a CSV with the columns query and docid. Other columns are ignored.

    Raises:
        InputError: with the file, the line and the fix.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _rows(csv.reader(file), path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError("--pairs", f"{path}: {error}", "give a CSV in UTF-8") from error


def _rows(lines: Iterable[Sequence[str]], path: Path) -> list[PairRow]:
    numbered = enumerate(lines, 1)
    _, header = next(numbered, (0, []))
    names = [name.strip().lower() for name in header]
    missing = [name for name in ("query", "docid") if name not in names]
    if missing:
        raise InputError(
            "--pairs", f"{path} has no column {missing[0]}, only {names}", "give the columns query and docid"
        )
    query, docid = names.index("query"), names.index("docid")
    rows = []
    for number, line in numbered:
        if not line:
            continue
        if len(line) != len(header) or not line[query].strip() or not line[docid].strip():
            problem = f"{path}:{number} has {len(line)} of {len(header)} fields, or an empty one"
            raise InputError("--pairs", problem, "correct that line")
        rows.append(PairRow(line[query], line[docid].strip()))
    if not rows:
        raise InputError("--pairs", f"{path} has no rows", "add at least one pair")
    return rows


def write_judged(path: Path, rows: Iterable[JudgedRow]) -> None:
    """Writes the file completely, or not at all."""
    draft = path.with_name(path.name + ".part")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(OUT_COLUMNS)
            writer.writerows((r.row.query, r.row.docid, r.judgment, r.reasons) for r in rows)
        os.replace(draft, path)
    except OSError as error:
        raise InputError("--out", str(error), "give a path that can be written") from error
