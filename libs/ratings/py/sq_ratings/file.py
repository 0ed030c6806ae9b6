"""Reads files of ratings: TREC qrels, tables, Parquet, and JSON of OpenSearch's Search Relevance Workbench (SRW)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from sq.v1.evaluate_config_pb2 import (
    JUDGMENT_FORMAT_CSV,
    JUDGMENT_FORMAT_PARQUET,
    JUDGMENT_FORMAT_QRELS,
    JUDGMENT_FORMAT_SRW,
    JudgmentFormat,
)
from sq.v1.evaluate_config_pb2 import PeopleJudge as PeopleConfig
from sq.v1.source_pb2 import FILE_FORMAT_CSV, FILE_FORMAT_NDJSON, FILE_FORMAT_PARQUET
from sq_ratings.rating import FIELD, Rating
from sq_ratings.srw import srw_ratings
from sq_ratings.topics import FIELD as TOPICS_FIELD
from sq_ratings.topics import IDS, read_topics
from sq_source import read_lines
from sq_source.columns import PRODUCT, QUERY, usual_column
from sq_source.dialect import find_separator
from sq_source.files import extension
from sq_source.formats import Reading, reader_of
from sq_source.mapping import Document, as_text, leaves, value_at
from sq_stagekit import InputError

_QRELS = ("query-id", "iteration", "docno", "grade")
_RATING = ("rating", "judgment", "judgement", "grade", "relevance", "label", "gain", "score")
_BY_EXTENSION = {
    "csv": JUDGMENT_FORMAT_CSV,
    "json": JUDGMENT_FORMAT_SRW,
    "jsonl": JUDGMENT_FORMAT_SRW,
    "ndjson": JUDGMENT_FORMAT_SRW,
    "parquet": JUDGMENT_FORMAT_PARQUET,
    "qrels": JUDGMENT_FORMAT_QRELS,
}


def read_ratings(config: PeopleConfig) -> Iterator[Rating]:
    """The ratings of the file in its order, with texts for topic numbers.

    Raises:
        InputError: the file cannot be read, or a line is broken, or a topic has no text.
    """
    ratings = _READERS[_format(config)](config)
    if not config.topics_uri:
        yield from ratings
        return
    topics = read_topics(config.topics_uri)
    for rating in ratings:
        if rating.query not in topics:
            problem = f"topic {rating.query!r} is not in {config.topics_uri}"
            raise InputError(rating.where, problem, f"add it to {TOPICS_FIELD}")
        yield replace(rating, query=topics[rating.query])


def _format(config: PeopleConfig) -> JudgmentFormat:
    if config.format:
        return config.format
    known = _BY_EXTENSION.get(extension(config.uri))
    if known is not None:
        return known
    first = "\n".join(text for _, text in itertools.islice(read_lines(config.uri, FIELD, config.csv), 3))
    if first[:1] in ("{", "["):
        return JUDGMENT_FORMAT_SRW
    separator = config.csv.separator or find_separator(first)
    header = first.partition("\n")[0].split(separator)
    return JUDGMENT_FORMAT_CSV if usual_column(header, PRODUCT) else JUDGMENT_FORMAT_QRELS


def _from_table(config: PeopleConfig) -> Iterator[Rating]:
    reading = _ShortRows(config.uri, config.csv)
    for number, row in reader_of(FILE_FORMAT_CSV, FIELD).documents(config.uri, FIELD, reading):
        yield _row(f"{config.uri}:{number}", row, config)


def _from_json(config: PeopleConfig) -> Iterator[Rating]:
    found = srw_ratings(config.uri)
    if found is not None:
        yield from found
        return
    for number, row in reader_of(FILE_FORMAT_NDJSON, FIELD).documents(config.uri, FIELD, Reading(config.uri)):
        yield _row(f"{config.uri}:{number}", row, config)


def _from_parquet(config: PeopleConfig) -> Iterator[Rating]:
    for number, row in reader_of(FILE_FORMAT_PARQUET, FIELD).documents(config.uri, FIELD, Reading(config.uri)):
        yield _row(f"{config.uri}:{number}", row, config)


class _ShortRows(Reading):
    """Quepid's older exports end the row of an unrated query after its text."""

    pads_short_rows = True


def _row(where: str, row: Document, config: PeopleConfig) -> Rating:
    query = as_text(value_at(row, _column(where, row, config, "query", (*IDS, *QUERY) if config.topics_uri else QUERY)))
    product = as_text(value_at(row, _column(where, row, config, "docid", PRODUCT)))
    value = as_text(value_at(row, _column(where, row, config, "rating", _RATING)))
    if value and not (query and product):
        raise InputError(where, f"has a rating and no {'docid' if query else 'query'}", "correct or remove the line")
    return Rating(where, query, product, value)


def _column(where: str, row: Document, config: PeopleConfig, name: str, usual: tuple[str, ...]) -> str:
    found = getattr(config.columns, name) or usual_column(row, usual)
    if not found:
        problem = f"has no column {name}; there are {', '.join(leaves(row)[:40])}"
        raise InputError(where, problem, f"give the columns query,docid,rating, or set people.columns.{name}")
    if found not in row and value_at(row, found) is None and found not in leaves(row):
        problem = f"there is no column {found}; there are {', '.join(leaves(row)[:40])}"
        raise InputError(f"people.columns.{name}", problem, "set it to a column of the file")
    return found


def _from_qrels(config: PeopleConfig) -> Iterator[Rating]:
    for where, line in read_lines(config.uri, FIELD, config.csv):
        fields = line.split()
        if len(fields) != len(_QRELS):
            raise InputError(where, f"has {len(fields)} fields instead of 4", f"write: {' '.join(_QRELS)}")
        query, _, product, grade = fields
        yield Rating(where, query, product, grade)


_READERS = {
    JUDGMENT_FORMAT_CSV: _from_table,
    JUDGMENT_FORMAT_SRW: _from_json,
    JUDGMENT_FORMAT_PARQUET: _from_parquet,
    JUDGMENT_FORMAT_QRELS: _from_qrels,
}
