"""The entries of a market's gazetteer: values of its catalogue, and entries that people add."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import regex

from sq.v1.source_pb2 import FILE_FORMAT_CSV
from sq_source import find_files, read_documents
from sq_stagekit import InputError
from sq_text import Entry, lemmas, normalise, stop_words, tokenise

FIELD = "gazetteer_uri"
# A longer value is a sentence, not a name.
_MAX_WORDS = 6
# Placeholders, and values that mean nothing without the name of their attribute.
_MEANINGLESS = frozenset(
    [
        "true",
        "false",
        "yes",
        "no",
        "none",
        "null",
        "unknown",
        "other",
        "others",
        "various",
        "default",
        "n/a",
        "na",
    ]
)
_TAG_TYPE = regex.compile(r"[A-Z][A-Z0-9_]*")
_COLUMNS = ("type", "value", "surface")
# A size may be a letter that is also a stop word ("s"); no other entity may.
_STOP_WORD_TYPES = frozenset(["SIZE"])


def market_entries(values: Iterable[tuple[str, str]], added_uri: str, language: str) -> list[Entry]:
    """All entries that tag a market's queries in a language.

    Args:
        values: (tag type, value as written) of the catalogue's products.
        added_uri: a CSV file of further entries; empty for none.

    Raises:
        InputError: see added_entries.
    """
    return [*catalogue_entries(values, language), *(added_entries(added_uri, language) if added_uri else [])]


def catalogue_entries(values: Iterable[tuple[str, str]], language: str) -> Iterator[Entry]:
    """An entry for each (tag type, value as written), except values that are stop words, placeholders or sentences."""
    stop = stop_words(language)
    for tag_type, raw in values:
        words = [normalise(token.text) for token in tokenise(raw)]
        if normalise(raw) in _MEANINGLESS or not 0 < len(words) <= _MAX_WORDS:
            continue
        if stop.issuperset(words) and tag_type not in _STOP_WORD_TYPES:
            continue
        yield Entry(tag_type, raw, raw)


def added_entries(uri: str, language: str) -> list[Entry]:
    """Reads entries from a CSV file with the columns type, value, surface and, optionally, language.

    A row without a language applies to every language.

    Raises:
        InputError: the file cannot be read or lacks a column; or a row lacks a value or a surface, or its type is not
            upper case.
    """
    return [entry for file in find_files(uri, FIELD) for entry in _entries(file, language)]


def _entries(uri: str, language: str) -> Iterator[Entry]:
    for where, row in read_documents(uri, FILE_FORMAT_CSV, FIELD):
        for column in _COLUMNS:
            if column not in row:
                raise InputError(
                    FIELD,
                    f"{uri} has no column {column}; its columns are {', '.join(row)}",
                    "add the columns type, value and surface",
                )
        if not _TAG_TYPE.fullmatch(row["type"]):
            raise InputError(where, f"{row['type']!r} is not a tag type", "write it in upper case, like COLOUR")
        if not lemmas(row["value"], language) or not lemmas(row["surface"], language):
            raise InputError(where, "value or surface contains no word", "give both, or remove the row")
        if row.get("language", "") in ("", language):
            yield Entry(row["type"], row["value"], row["surface"], rank=0)
