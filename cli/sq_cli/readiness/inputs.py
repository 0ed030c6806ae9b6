"""Reads the first records of a market's log and catalogue, with the configured columns."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import islice

from sq.v1.generate_config_pb2 import FixedQueries, QueryLog
from sq.v1.source_pb2 import Catalogue, MarketWords
from sq_cli.readiness.finding import Finding, check
from sq_generate.fixed_queries import read_fixed
from sq_generate.query_log import LogReader, first_rows
from sq_mechanisms.lists import read_lists
from sq_source import find_files, read_catalogue, read_documents
from sq_source.mapped_fields import MappedFields
from sq_source.mapping import leaves
from sq_stagekit.errors import InputError

_ROWS = 200
_PRODUCTS = 1000


def first_queries(log: QueryLog) -> list[str]:
    """Distinct queries of the first rows of each file.

    Raises:
        InputError: a file or a column is missing, or no row of a file can be read.
    """
    found: dict[str, None] = {}
    for uri in LogReader(log).files():
        found |= dict.fromkeys(_queries_of(log, uri))
    if not found:
        raise InputError("log", "has no rows", "give a log with searches")
    texts = [text.strip() for text in found if any(letter.isalnum() for letter in text)]
    if not texts:
        raise InputError("log", "the first rows have no query with a letter or digit", "check the query column")
    return texts


def _queries_of(log: QueryLog, uri: str) -> list[str]:
    rows, reader = first_rows(log, uri, _ROWS)
    counts = reader.finish()
    if counts.broken > len(rows):
        raise InputError(
            "log",
            f"{counts.broken} of the first {counts.lines} lines cannot be read, such as {counts.examples[0]}",
            "correct the log, or its format and columns",
        )
    if counts.broken:
        extra = {"lines": f"{counts.broken} of {counts.lines}", "such as": counts.examples[0]}
        logging.getLogger("sq").warning("some of the first lines of the log cannot be read", extra=extra)
    return [text for text, _ in rows]


def fixed_queries(fixed: FixedQueries) -> list[str]:
    """The first of a list of queries. Raises InputError if it cannot be read or is empty."""
    texts = [text for text, _ in islice(read_fixed(fixed), _ROWS) if text.strip()]
    if not texts:
        raise InputError("fixed", "contains no queries", "list queries")
    return texts


def words(given: MarketWords, language: str) -> str:
    """How much is in the site's lists of words. Raises InputError if one cannot be read."""
    lists = read_lists(given, language)
    counts = {"synonyms": lists.synonyms, "dictionary": lists.dictionary, "words of intent": lists.modifiers}
    return ", ".join(f"{len(found)} {name}" for name, found in counts.items())


def catalogue(name: str, given: Catalogue, field: str) -> Iterator[Finding]:
    """Whether the first products can be read with the configured fields."""
    yield check(name, lambda: _products(given, field))
    try:
        unmapped = _unmapped(given, field)
    except InputError:
        return  # The check above says so.
    if unmapped is not None:
        detail = f"in the first products: {unmapped.field}: {unmapped.problem}"
        yield Finding(name, True, detail, doubtful=True)


def _products(given: Catalogue, field: str) -> str:
    products = list(islice(read_catalogue(given, field), _PRODUCTS))
    repeated = len(products) - len({product.product_id for product in products})
    if repeated:
        logging.getLogger("sq").warning("products repeat the id of another and are left out", extra={field: repeated})
    return f"{given.uri}: {len(products)} products read, such as {products[0].title!r}"


def _unmapped(given: Catalogue, field: str) -> InputError | None:
    """The error for fields that none of many products has; None if there are fewer, which are read to the end."""
    mapped, names, seen = MappedFields(given.fields, field), set(), 0
    for _, document in islice(read_documents(find_files(given.uri, field)[0], given.format, field), _PRODUCTS):
        mapped.see(document)
        names.update(leaves(document))
        seen += 1
    try:
        mapped.check(sorted(names))
    except InputError as error:
        return error if seen == _PRODUCTS else None
    return None
