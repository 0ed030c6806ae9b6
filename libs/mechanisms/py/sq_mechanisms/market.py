"""What mechanisms know of a market and of one query: never grades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_mechanisms.catalogue_words import CatalogueWords
from sq_text import Token, normalise, stop_words, tokenise


@dataclass(frozen=True)
class Lists:
    """Words a site gives.

    Attributes:
        synonyms: normalised phrase to the phrases that mean the same.
        dictionary: normalised foreign phrase to its translations.
        modifiers, accessories: normalised words, the language's own among them.
    """

    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dictionary: Mapping[str, Sequence[str]] = field(default_factory=dict)
    modifiers: frozenset[str] = frozenset()
    accessories: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Market:
    """A market's words.

    Attributes:
        language: ISO 639-1 code.
        catalogue: the words of its products.
    """

    language: str
    catalogue: CatalogueWords
    lists: Lists = field(default_factory=Lists)


@dataclass(frozen=True)
class Asked:
    """One query and what the engine answered.

    Attributes:
        results: the first results, best first.
        total_hits: how many products the engine says match.
        top_score: the engine's score of the first result; 0 where it gives none.
    """

    query: Query
    results: Sequence[Product] = ()
    total_hits: int = 0
    top_score: float = 0.0

    @property
    def text(self) -> str:
        return self.query.text

    @cached_property
    def words(self) -> list[Token]:
        """The words of the text in order; their texts are normalised."""
        return [token._replace(text=normalise(token.text)) for token in tokenise(self.text)]

    @cached_property
    def stop(self) -> frozenset[str]:
        return stop_words(self.query.language)

    def content(self) -> list[int]:
        """Places in `words` of words that are searched for."""
        return [place for place, word in enumerate(self.words) if word.text not in self.stop]

    def in_tag(self, place: int, *types: str) -> bool:
        """Whether a word is part of a tag of one of these types (of any type where none is given)."""
        word = self.words[place]
        return any(
            tag.start < word.end and word.start < tag.end for tag in self.query.tags if not types or tag.type in types
        )
