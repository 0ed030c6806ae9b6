"""Queries that a person lists."""

from __future__ import annotations

from collections.abc import Iterator

from sq.v1.generate_config_pb2 import FixedQueries
from sq.v1.source_pb2 import FILE_FORMAT_CSV
from sq_generate.query_log import Row
from sq_source import find_files, read_documents, read_lines
from sq_source.files import extension
from sq_stagekit import InputError

FIELD = "fixed.uri"


def read_fixed(fixed: FixedQueries) -> Iterator[Row]:
    """Each query with one search. A query that is listed twice has two.

    Raises:
        InputError: the file cannot be read, is not UTF-8, or is a CSV without the column query.
    """
    yield from ((text, 1) for text in fixed.text)
    if fixed.uri:
        for file in find_files(fixed.uri, FIELD):
            yield from ((text, 1) for text in (_csv(file) if extension(file) == "csv" else _lines(file)))


def _csv(uri: str) -> Iterator[str]:
    for _, row in read_documents(uri, FILE_FORMAT_CSV, FIELD):
        if "query" not in row:
            raise InputError(
                FIELD, f"{uri} has no column query; there are {', '.join(row)}", "name the column of queries query"
            )
        yield row["query"]


def _lines(uri: str) -> Iterator[str]:
    return (text for _, text in read_lines(uri, FIELD))
