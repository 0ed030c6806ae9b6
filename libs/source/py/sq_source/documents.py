"""Documents out of NDJSON, CSV and Parquet files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from sq.v1.source_pb2 import (
    FILE_FORMAT_CSV,
    FILE_FORMAT_NDJSON,
    FILE_FORMAT_PARQUET,
    FILE_FORMAT_UNSPECIFIED,
    FileFormat,
)
from sq_source.files import ending, open_bytes, open_seekable
from sq_source.mapping import Document
from sq_stagekit import InputError

_BY_ENDING = {
    "ndjson": FILE_FORMAT_NDJSON,
    "jsonl": FILE_FORMAT_NDJSON,
    "json": FILE_FORMAT_NDJSON,
    "csv": FILE_FORMAT_CSV,
    "parquet": FILE_FORMAT_PARQUET,
}
_BATCH = 8192


def format_of(uri: str, given: FileFormat, field: str) -> FileFormat:
    """The format given, or the one a file's ending tells. Raises InputError where it tells none."""
    if given != FILE_FORMAT_UNSPECIFIED:
        return given
    found = _BY_ENDING.get(ending(uri))
    if found is None:
        raise InputError(f"{field}.format", f"the ending of {uri} tells no format", "give NDJSON, CSV or PARQUET")
    return found


def read_documents(uri: str, file_format: FileFormat, field: str) -> Iterator[tuple[str, Document]]:
    """("file:line" or "file:row", document) for each document of a file, in order.

    Raises:
        InputError: the file is not there or damaged, or a line of it is broken.
    """
    match format_of(uri, file_format, field):
        case FileFormat.FILE_FORMAT_NDJSON:
            yield from _ndjson(uri, field)
        case FileFormat.FILE_FORMAT_CSV:
            yield from _csv(uri, field)
        case FileFormat.FILE_FORMAT_PARQUET:
            yield from _parquet(uri, field)
        case other:
            name = FileFormat.Name(other).removeprefix("FILE_FORMAT_")
            raise InputError(f"{field}.format", f"{name} is for query logs", "give NDJSON, CSV or PARQUET")


def _ndjson(uri: str, field: str) -> Iterator[tuple[str, Document]]:
    with open_bytes(uri, field) as stream:
        for number, line in enumerate(stream, start=1):
            where = f"{uri}:{number}"
            if not line.strip():
                continue
            try:
                document = parse_object(line)
            except ValueError as error:
                raise InputError(where, str(error), "correct or remove the line") from error
            yield where, document


def parse_object(line: bytes) -> Document:
    """The JSON object a line holds. Raises ValueError, in words, where it holds none."""
    try:
        document = json.loads(line.removeprefix(b"\xef\xbb\xbf"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise ValueError("is no UTF-8 text") from error
    except RecursionError as error:
        raise ValueError("is nested too deep") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error.msg} at column {error.colno}") from error
    if not isinstance(document, dict):
        raise ValueError("is no JSON object")
    return document


def _no_number(name: str) -> float:
    raise ValueError(f"holds {name}, which JSON has not")


def _csv(uri: str, field: str) -> Iterator[tuple[str, Document]]:
    with open_bytes(uri, field) as stream:
        lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        reader = csv.DictReader(lines, strict=True)
        try:
            for row in reader:
                where = f"{uri}:{reader.line_num}"
                if None in row or None in row.values():
                    wanted = len(reader.fieldnames or ())
                    raise InputError(where, f"has not {wanted} fields as the header has", "correct or remove the row")
                yield where, row
        except (csv.Error, UnicodeDecodeError) as error:
            where = f"{uri}:{reader.reader.line_num}"
            raise InputError(where, f"is no CSV in UTF-8: {error}", "correct or remove the row") from error


def _parquet(uri: str, field: str) -> Iterator[tuple[str, Document]]:
    try:
        # Large, and slow to import: programs that read no Parquet do without.
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise InputError(
            f"{field}.format", f"this program cannot read Parquet ({uri})", "convert it to NDJSON or CSV"
        ) from error
    with open_seekable(uri, field) as stream:
        try:
            number = 0
            for batch in pyarrow.parquet.ParquetFile(stream).iter_batches(_BATCH):
                for document in batch.to_pylist():
                    number += 1
                    yield f"{uri}:{number}", document
        except pyarrow.ArrowInvalid as error:
            raise InputError(field, f"{uri} is no whole Parquet file: {error}", "give one") from error
