"""Reads (query, product) pairs from a table, and writes them with their judgments."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sq.v1.source_pb2 import FILE_FORMAT_CSV, FILE_FORMAT_UNSPECIFIED, CsvDialect
from sq_source import find_files, read_documents
from sq_source.columns import PRODUCT, QUERY, usual_column
from sq_source.files import extension
from sq_source.mapping import Document, as_text
from sq_stagekit.errors import InputError

_FLAG = "--pairs"
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


def read_pairs(path: Path, csv: CsvDialect | None = None, flag: str = _FLAG) -> list[PairRow]:
    """The rows of a table or JSON with the columns query and docid. Other columns are ignored.

    Args:
        csv: how the table is written; None to find it in the file.
        flag: that names the file, for errors.

    Raises:
        InputError: with the file, the line and the fix.
    """
    (uri,) = find_files(str(path), flag)[:1]
    known = extension(uri) in ("json", "jsonl", "ndjson", "parquet")
    file_format = FILE_FORMAT_UNSPECIFIED if known else FILE_FORMAT_CSV
    rows = [_row(where, row, path, flag) for where, row in read_documents(uri, file_format, flag, csv)]
    if not rows:
        raise InputError(flag, f"{path} has no rows", "add at least one pair")
    return rows


def _row(where: str, row: Document, path: Path, flag: str) -> PairRow:
    query, docid = usual_column(row, QUERY), usual_column(row, PRODUCT)
    missing = "query" if not query else "docid" if not docid else ""
    if missing:
        problem = f"{path} has no column {missing}, only {', '.join(row)}"
        raise InputError(flag, problem, "give the columns query and docid")
    found = PairRow(as_text(row[query]), as_text(row[docid]))
    if not found.query or not found.docid:
        raise InputError(flag, f"{where} has no {'docid' if found.query else 'query'}", "correct or remove that line")
    return found


def check_writable(path: Path, read: Iterable[Path] = ()) -> None:
    """Raises InputError if `write_judged` could not write this file. Nothing is paid for then.

    Args:
        read: files that are read, which it must not replace.
    """
    if path.exists() and any(one.exists() and path.samefile(one) for one in read):
        raise InputError("--out", f"{path} is a file that is read, and would be lost", "name another file")
    if path.is_dir():
        raise InputError("--out", f"{path} is a folder", "name a file")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise InputError("--out", f"there is no folder {folder}", "make it, or name a file in another one")
    if not os.access(folder, os.W_OK):
        raise InputError("--out", f"{folder} cannot be written", "name a file in another folder")


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
