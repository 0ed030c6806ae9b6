"""Translates by a list of phrases."""

from __future__ import annotations

from collections.abc import Sequence

from sq.v1.source_pb2 import FILE_FORMAT_CSV
from sq_generate.translate.translator import Outcome, Source, Span, Translation
from sq_source import find_files, read_documents
from sq_stagekit import InputError
from sq_text import Entry, Gazetteer, canonical, normalise

FIELD = "translation.glossary.uri"


class Glossary:
    """Replaces the longest phrases of the glossary, in any inflection. Other words stay.

    Of two rows for one phrase, the one with the exact spelling wins, then the first.
    """

    translates = True

    def __init__(self, rows: Sequence[tuple[str, str]], language: str):
        """Makes a glossary.

        Args:
            rows: (source phrase, target phrase).
            language: of the source phrases, ISO 639-1.
        """
        self._targets = [normalise(target) for _, target in rows]
        # The number of a row is the "value" of its phrase.
        entries = [Entry("PHRASE", f"{number:09d}", source) for number, (source, _) in enumerate(rows)]
        self._phrases = Gazetteer.build(entries, language)
        self._language = language

    @classmethod
    def read(cls, uri: str, language: str) -> Glossary:
        """Reads a CSV with the columns source,target. Raises InputError if it is not one or lacks a column."""
        return cls([row for file in find_files(uri, FIELD) for row in _rows(file)], language)

    def translate(self, sources: Sequence[Source]) -> list[Outcome]:
        return [Translation(self._translate(source.text, source.protected)) for source in sources]

    def value(self, value: str) -> str:
        found = self._phrases.tag(value)
        whole = len(found) == 1 and found[0].surface == value
        return self._targets[int(found[0].value)] if whole else ""

    def _translate(self, text: str, protected: tuple[Span, ...]) -> str:
        parts, at = [], 0
        for start, end in [*protected, (len(text), len(text))]:
            parts += [self._replace(text[at:start]), text[start:end]]
            at = end
        return normalise("".join(parts))

    def _replace(self, text: str) -> str:
        parts, at = [], 0
        for phrase in self._phrases.tag(text):
            parts += [text[at : phrase.start], self._targets[int(phrase.value)]]
            at = phrase.end
        return "".join([*parts, text[at:]])


def _rows(uri: str) -> list[tuple[str, str]]:
    rows = []
    for where, row in read_documents(uri, FILE_FORMAT_CSV, FIELD):
        for column in ("source", "target"):
            if column not in row:
                raise InputError(
                    FIELD, f"{uri} has no column {column}; there are {', '.join(row)}", "give the columns source,target"
                )
        if not canonical(row["source"], "") or not normalise(row["target"]):
            raise InputError(where, "source or target is empty", "give both, or remove the row")
        rows.append((row["source"], row["target"]))
    if not rows:
        raise InputError(FIELD, f"{uri} contains no phrases", "give rows of source,target")
    return rows
