"""Queries that a person lists."""

from __future__ import annotations

from collections.abc import Iterator

from sq.v1.generate_config_pb2 import FixedQueries
from sq.v1.source_pb2 import FILE_FORMAT_UNSPECIFIED
from sq_generate.query_log import Row
from sq_generate.query_log.rows import searches_of, text_of
from sq_source import find_files, read_documents, read_lines
from sq_source.columns import usual_column
from sq_source.files import extension
from sq_source.mapping import leaves, value_at
from sq_stagekit import InputError

FIELD = "fixed.uri"
# Any other file has one query on each line.
_TABLES = frozenset(["csv", "tsv", "tab", "json", "jsonl", "ndjson", "parquet"])


def read_fixed(fixed: FixedQueries) -> Iterator[Row]:
    """Each query with its searches: those of the column count, or one. A query that is listed twice has two.

    Raises:
        InputError: the file cannot be read, or is a table without the column query, or a count is not a number.
    """
    yield from ((text, 1) for text in fixed.text)
    if fixed.uri:
        for file in find_files(fixed.uri, FIELD):
            yield from _table(file, fixed) if extension(file) in _TABLES else _lines(file, fixed)


def _table(uri: str, fixed: FixedQueries) -> Iterator[Row]:
    for where, row in read_documents(uri, FILE_FORMAT_UNSPECIFIED, FIELD, fixed.csv):
        query = fixed.columns.query or usual_column(row, ("query", "user_query"))
        count = fixed.columns.count or usual_column(row, ("count",))
        found = value_at(row, query)
        if found is None and query not in row:
            problem = f"{uri} has no column {query or 'query'}; there are {', '.join(leaves(row))}"
            raise InputError(FIELD, problem, "name the column of queries query, or set fixed.columns.query")
        if fixed.columns.count and count not in row and value_at(row, count) is None:
            problem = f"{uri} has no column {count}; there are {', '.join(leaves(row))}"
            raise InputError("fixed.columns.count", problem, "set it to a column of the file, or remove it")
        try:
            searches = searches_of(value_at(row, count)) if count else 1
            if searches:
                yield text_of(found), searches
        except ValueError as error:
            raise InputError(where, str(error), "correct or remove the line") from error


def _lines(uri: str, fixed: FixedQueries) -> Iterator[Row]:
    return ((text, 1) for _, text in read_lines(uri, FIELD, fixed.csv))
