"""The texts of topic numbers, which files of ratings have in place of queries."""

from __future__ import annotations

import regex

from sq.v1.source_pb2 import FILE_FORMAT_UNSPECIFIED, CsvDialect
from sq_source import find_files, read_documents, read_lines
from sq_source.columns import usual_column
from sq_source.files import extension
from sq_source.mapping import as_text
from sq_stagekit import InputError

FIELD = "people.topics_uri"
IDS = ("query_id", "qid", "topic", "topic_id", "topic_number", "number", "num", "id")
_TEXTS = ("query", "query_text", "text", "title", "topic_title")
_TABLES = frozenset(["csv", "tsv", "tab", "json", "jsonl", "ndjson", "parquet"])
# "20:hiking boot", "20<tab>hiking boot", "20 hiking boot".
_LINE = regex.compile(r"([^\s:,;]+)[\s:,;]+(.+)")


def read_topics(uri: str) -> dict[str, str]:
    """Text by number.

    Raises:
        InputError: the file cannot be read, or names no topics.
    """
    topics: dict[str, str] = {}
    for file in find_files(uri, FIELD):
        topics |= _table(file) if extension(file) in _TABLES else _lines(file)
    if not topics:
        raise InputError(FIELD, f"{uri} contains no topics", "give a table with the columns query_id and query")
    return topics


def _table(uri: str) -> dict[str, str]:
    topics: dict[str, str] = {}
    for where, row in read_documents(uri, FILE_FORMAT_UNSPECIFIED, FIELD, CsvDialect()):
        number, text = usual_column(row, IDS), usual_column(row, _TEXTS)
        if not number or not text or number == text:
            problem = f"{uri} has no columns of numbers and texts; there are {', '.join(row)}"
            raise InputError(where, problem, "name them query_id and query")
        topics[as_text(row[number])] = as_text(row[text])
    return topics


def _lines(uri: str) -> dict[str, str]:
    topics: dict[str, str] = {}
    for where, line in read_lines(uri, FIELD):
        match = _LINE.fullmatch(line)
        if match is None:
            raise InputError(where, "names no topic", "write its number, a colon and its text: 20:hiking boot")
        topics[match[1]] = match[2].strip()
    return topics
