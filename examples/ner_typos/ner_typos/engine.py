"""The engine: a word is an entity if it is close enough to a value of the catalogue."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from sq.v1.tag_pb2 import Tag

# Fields of the catalogue, and their tag types.
FIELDS = {"brand": "BRAND", "category": "CATEGORY", "colour": "COLOUR", "material": "MATERIAL", "gender": "GENDER"}
_WORD = re.compile(r"\w+")
# Below this share of common letters (Ratcliff/Obershelp), words count as different.
_LEAST_SIMILARITY = 0.8
# Shorter words are close to too many other words.
_SHORTEST = 4


class Typos:
    """Finds single-word values of a catalogue, even if they are misspelt. Immutable; threads may share it."""

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        """Args:
        values: (tag type, value); if two types have the same value, the first type by name counts.
        """
        self._types: dict[str, str] = {}
        for tag_type, value in sorted(set(values)):
            if _WORD.fullmatch(value):
                self._types.setdefault(value.lower(), tag_type)
        self._closest = lru_cache(1 << 16)(self._find)

    @classmethod
    def of_catalogue(cls, path: Path) -> Typos:
        """An engine for the values in an NDJSON file of products."""
        return cls(_values(path))

    def tag(self, text: str) -> Iterator[Tag]:
        for word in _WORD.finditer(text):
            value = self._closest(word.group().lower())
            if value:
                start, end = word.span()
                yield Tag(type=self._types[value], value=value, surface=word.group(), start=start, end=end)

    def _find(self, word: str) -> str:
        if word in self._types or len(word) < _SHORTEST:
            return word if word in self._types else ""
        return next(iter(difflib.get_close_matches(word, self._types, 1, _LEAST_SIMILARITY)), "")


def _values(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            product = json.loads(line)
            for field, tag_type in FIELDS.items():
                if isinstance(product.get(field), str):
                    yield tag_type, product[field]
