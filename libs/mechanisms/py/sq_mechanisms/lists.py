"""The lists of words that a site gives, with the languages' own."""

from __future__ import annotations

import csv
import io
from collections import defaultdict

from sq.v1.source_pb2 import MarketWords
from sq_evidence import accessory_words
from sq_mechanisms.market import Lists
from sq_mechanisms.modifier import MODIFIERS
from sq_source import open_bytes
from sq_stagekit import InputError
from sq_text import canonical, normalise

# Bytes of one list, which is kept in memory.
_LARGEST = 64 << 20


def read_lists(given: MarketWords, language: str) -> Lists:
    """All lists.

    Raises:
        InputError: a file cannot be read; it names the file, the line and the fix.
    """
    own = (normalise(word) for word in given.modifiers)
    accessories = (canonical(word, language) for word in given.accessory_words)
    return Lists(
        synonyms=_read_synonyms(given.synonyms_uri) if given.synonyms_uri else {},
        dictionary=_read_dictionary(given.dictionary_uri) if given.dictionary_uri else {},
        modifiers=frozenset([*MODIFIERS.get(language, "").split(), *own]),
        accessories=frozenset([*accessory_words(language), *accessories]),
    )


def _read_synonyms(uri: str) -> dict[str, list[str]]:
    """Solr's format: "a, b, c" means the same each way; "a, b => c" stands for c."""
    entries: defaultdict[str, list[str]] = defaultdict(list)
    for number, line in enumerate(_text(uri, "words.synonyms_uri").splitlines(), 1):
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        left, arrow, right = line.partition("=>")
        before, after = _phrases(left), _phrases(right) if arrow else _phrases(left)
        if not before or not after or (not arrow and len(before) < 2):
            raise InputError(f"{uri}:{number}", f"{line!r} names no synonym", 'write "a, b" or "a => b"')
        for phrase in before:
            entries[phrase] += [other for other in after if other != phrase and other not in entries[phrase]]
    return dict(entries)


def _read_dictionary(uri: str) -> dict[str, list[str]]:
    rows = csv.DictReader(io.StringIO(_text(uri, "words.dictionary_uri")))
    if not {"source", "target"} <= set(rows.fieldnames or ()):
        raise InputError(
            "words.dictionary_uri", f"{uri} has no columns source and target", "name the columns source,target"
        )
    entries: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        source, target = normalise(row["source"] or ""), normalise(row["target"] or "")
        if source and target and target != source:
            entries[source].append(target)
    return dict(entries)


def _phrases(text: str) -> list[str]:
    return [phrase for phrase in (normalise(part) for part in text.split(",")) if phrase]


def _text(uri: str, field: str) -> str:
    with open_bytes(uri, field) as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise InputError(field, f"{uri} is larger than {_LARGEST >> 20} MiB", "give a list of words")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(field, f"{uri} is not UTF-8 ({error})", "save the file as UTF-8") from error
