"""Queries that a person lists."""

from __future__ import annotations

from collections.abc import Iterator

from sq.v1.generate_config_pb2 import FixedQueries
from sq.v1.source_pb2 import FILE_FORMAT_CSV
from sq_generate.log_reader import Row
from sq_source import find_files, open_bytes, read_documents
from sq_source.files import ending
from sq_stagekit import InputError

FIELD = "fixed.uri"


def read_fixed(fixed: FixedQueries) -> Iterator[Row]:
    """Each query with one search; one that is listed twice has two.

    Raises:
        InputError: the file cannot be read, is no UTF-8, or is a CSV without the column query.
    """
    yield from ((text, 1) for text in fixed.text)
    if fixed.uri:
        for file in find_files(fixed.uri, FIELD):
            yield from ((text, 1) for text in (_csv(file) if ending(file) == "csv" else _lines(file)))


def _csv(uri: str) -> Iterator[str]:
    for _, row in read_documents(uri, FILE_FORMAT_CSV, FIELD):
        if "query" not in row:
            raise InputError(FIELD, f"{uri} has no column query; there are {', '.join(row)}", "name one query")
        yield row["query"]


def _lines(uri: str) -> Iterator[str]:
    with open_bytes(uri, FIELD) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                text = line.decode("utf-8-sig").strip()
            except UnicodeDecodeError as error:
                raise InputError(f"{uri}:{number}", "is no UTF-8 text", "write the file in UTF-8") from error
            if text:
                yield text
