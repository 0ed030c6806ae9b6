"""The lists of words that a site gives, beside the languages' own or in their place."""

from __future__ import annotations

from collections import defaultdict

from sq.v1.source_pb2 import FILE_FORMAT_CSV, MarketWords
from sq_evidence import accessory_words
from sq_mechanisms.market import Lists
from sq_mechanisms.modifier import MODIFIERS
from sq_source import read_documents, read_lines
from sq_stagekit import InputError
from sq_text import normalise

# Characters of one list, which is kept in memory.
_LARGEST = 64 << 20


def read_lists(given: MarketWords, language: str) -> Lists:
    """All lists.

    Raises:
        InputError: a file cannot be read; it names the file, the line and the fix.
    """
    own = (normalise(word) for word in given.modifiers)
    return Lists(
        synonyms=_read_synonyms(given.synonyms_uri) if given.synonyms_uri else {},
        dictionary=_read_dictionary(given.dictionary_uri) if given.dictionary_uri else {},
        modifiers=frozenset([*MODIFIERS.get(language, "").split(), *own]),
        accessories=accessory_words(language, own=given.accessory_words),
    )


def _read_synonyms(uri: str) -> dict[str, list[str]]:
    """Solr's format: "a, b, c" means the same each way; "a, b => c" stands for c."""
    entries: defaultdict[str, list[str]] = defaultdict(list)
    read = 0
    for where, text in read_lines(uri, "words.synonyms_uri"):
        read += len(text)
        if read > _LARGEST:
            raise InputError("words.synonyms_uri", f"{uri} is larger than {_LARGEST >> 20} MiB", "give a list of words")
        line = text.split("#", 1)[0].strip()
        if not line:
            continue
        left, arrow, right = line.partition("=>")
        before, after = _phrases(left), _phrases(right) if arrow else _phrases(left)
        if not before or not after or (not arrow and len(before) < 2):
            raise InputError(where, f"{line!r} names no synonym", 'write "a, b" or "a => b"')
        for phrase in before:
            entries[phrase] += [other for other in after if other != phrase and other not in entries[phrase]]
    return dict(entries)


def _read_dictionary(uri: str) -> dict[str, list[str]]:
    entries: defaultdict[str, list[str]] = defaultdict(list)
    for _, row in read_documents(uri, FILE_FORMAT_CSV, "words.dictionary_uri"):
        if not {"source", "target"} <= set(row):
            raise InputError(
                "words.dictionary_uri", f"{uri} has no columns source and target", "name the columns source,target"
            )
        source, target = normalise(row["source"]), normalise(row["target"])
        if source and target and target != source:
            entries[source].append(target)
    return dict(entries)


def _phrases(text: str) -> list[str]:
    return [phrase for phrase in (normalise(part) for part in text.split(",")) if phrase]
