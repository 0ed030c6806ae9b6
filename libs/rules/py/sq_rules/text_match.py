"""How well a product's text matches the words of a query that no tag covers.

Title and brand count most, then the first phrase of the description, then the rest of it, then attributes. The rules
and their grades were tuned on one half of the Chorus judgments. The README of evaluate has the figures for both halves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from sq.v1.judgment_pb2 import (
    REASON_CODE_ACCESSORY,
    REASON_CODE_OFF_TOPIC,
    REASON_CODE_TAG_MISMATCH,
    REASON_CODE_TAG_MISSING,
    REASON_CODE_TERM_MISSING,
    Reason,
)
from sq.v1.product_pb2 import Product
from sq_evidence import ProductText, Vocabulary, lemmas

# How many words after the asked one may contain the accessory's name: "notebook security lock".
_ACCESSORY_REACH = 2

# What follows is an extra ("hub with adapter"), or what the product is made for ("sleeve for tablets").
_EXTRA = re.compile(r"(?:\bwith\b|\bw/|\+|\bincl\w*|\bmit\b|\binkl\w*| & | and | und ).*", re.IGNORECASE | re.DOTALL)
_GOES_WITH = re.compile(r"\b(?:for|f/|für|compatible with|passend zu)(?=\W|$)", re.IGNORECASE)
PHRASE_END = re.compile(r"[,.;]\s| - | – |\s[/|]\s")


class Place(IntEnum):
    """Where a product names a word, the most important place last."""

    NOWHERE = 0
    ATTRIBUTE = 1
    PASSING = 2
    GOES_WITH = 3
    NAME = 4


@dataclass(frozen=True)
class Phrase:
    """A product name as lemmas, without a leading brand.

    Attributes:
        thing: the words up to "for" or "with".
        goes_with: the words after "for".
    """

    thing: tuple[str, ...]
    goes_with: tuple[str, ...]

    @classmethod
    def of(cls, text: str, brand: tuple[str, ...], language: str) -> Phrase:
        thing, _, goes_with = _parted(_EXTRA.sub("", text, count=1) or text)
        words = lemmas(thing, language)
        if brand and words[: len(brand)] == brand:
            words = words[len(brand) :]
        return cls(words, lemmas(goes_with, language))


@dataclass(frozen=True)
class Names:
    """The names of a product: its title, and the first phrase of its description."""

    text: ProductText
    phrases: tuple[Phrase, Phrase]

    @classmethod
    def of(cls, product: Product, text: ProductText, language: str) -> Names:
        opening = PHRASE_END.split(product.description, maxsplit=1)[0]
        return cls(
            text,
            (
                Phrase.of(product.title, text.brand, language),
                Phrase.of(opening, text.brand, language),
            ),
        )

    def place(self, word: str) -> Place:
        if word in self.text.brand or any(word in phrase.thing for phrase in self.phrases):
            return Place.NAME
        if any(word in phrase.goes_with for phrase in self.phrases):
            return Place.GOES_WITH
        if word in self.text.title or word in self.text.description:
            return Place.PASSING
        return Place.ATTRIBUTE if self.text.contains(word) else Place.NOWHERE


@dataclass(frozen=True)
class Match:
    """A grade, and the reasons why it is not 4."""

    grade: int
    reasons: tuple[Reason, ...] = ()


def match_words(words: Sequence[str], names: Names, vocabulary: Vocabulary, accessories: frozenset[str]) -> Match:
    """Grades one product by the words of a query (lemmas, in order, at least one).

    Args:
        accessories: lemmas that name accessories in a title.
    """
    if set(words) <= set(names.text.brand):
        return Match(4)
    places = {word: names.place(word) for word in words}
    head = head_of(words)
    lacking = [word for word in words if places[word] <= Place.ATTRIBUTE]
    if lacking:
        return _without(lacking, head, places)
    if vocabulary.has("BRAND", tuple(words)):
        # A product of another brand, made for the brand that was asked for.
        return Match(3, (Reason(code=REASON_CODE_TAG_MISMATCH, tag_type="BRAND", value=" ".join(words)),))
    # "hp 51605r" asks for that cartridge by its code, and the word after the code names it.
    if not is_model(head) and is_accessory(words, head, names, accessories):
        return Match(0, (Reason(code=REASON_CODE_ACCESSORY, value=head),))
    if places[head] < Place.NAME:
        if len(words) == 1:
            return Match(1, (Reason(code=REASON_CODE_OFF_TOPIC, value=head),))
        return Match(3, (Reason(code=REASON_CODE_TAG_MISSING, value=head),))
    return Match(4)


def _without(lacking: list[str], head: str, places: dict[str, Place]) -> Match:
    """The grade if name and text lack words: the head must be in the name, the other words at least in attributes."""
    nowhere = [word for word in lacking if places[word] == Place.NOWHERE]
    missing = tuple(Reason(code=REASON_CODE_TERM_MISSING, value=word) for word in nowhere)
    if nowhere or any(is_model(word) for word in lacking) or places[head] < Place.NAME:
        return Match(0, missing or (Reason(code=REASON_CODE_OFF_TOPIC, value=head),))
    return Match(2, tuple(Reason(code=REASON_CODE_TAG_MISSING, value=word) for word in lacking))


def head_of(words: Sequence[str]) -> str:
    """The word that names the thing: the last one that is not a model or a number, as in "laser printer 3000"."""
    return next((word for word in reversed(words) if not is_model(word)), words[-1])


def is_model(word: str) -> bool:
    """Whether a word names a model or a number rather than a thing."""
    return len(word) == 1 or any(character.isdigit() for character in word)


def is_accessory(words: Sequence[str], head: str, names: Names, accessories: frozenset[str]) -> bool:
    """Whether the product's name is that of an accessory for what the query asks for."""
    if accessories & set(words):
        return False
    return any(_names_accessory(words, head, phrase, accessories) for phrase in names.phrases)


def _names_accessory(words: Sequence[str], head: str, phrase: Phrase, accessories: frozenset[str]) -> bool:
    ends = phrase_ends(words, phrase.thing)
    # A whole phrase ("docking station") names the thing well: only the next word can make it an accessory.
    reach = _ACCESSORY_REACH if len(words) == 1 or not ends else 1
    for end in ends or phrase_ends([head], phrase.thing):
        if accessories & set(phrase.thing[end : end + reach]):
            return True
    return head in phrase.goes_with and head not in phrase.thing and bool(accessories & set(phrase.thing))


def phrase_ends(words: Sequence[str], text: Sequence[str]) -> list[int]:
    """The end (exclusive) of each place where the words follow each other."""
    size = len(words)
    return [at + size for at in range(len(text) - size + 1) if tuple(text[at : at + size]) == tuple(words)]


def _parted(text: str) -> tuple[str, str, str]:
    found = _GOES_WITH.search(text)
    return (text[: found.start()], found.group(), text[found.end() :]) if found else (text, "", "")
