"""The features of a (query, product) pair: their names, groups and directions, and how they are computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import nan

import numpy as np

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_evidence import Evidence, intended_tags, weigh
from sq_rules import Match, Names, Rules
from sq_rules.text_match import head_of
from sq_text import content_tokens, lemma, stop_words
from sq_trained import words as by_words
from sq_trained.amounts import agreement
from sq_trained.meaning import Embed, meaning

# Raise it when a feature's value may change: a model of another version is refused.
FEATURES_VERSION = 1

_ORDER = {Evidence.DIFFERING: 0.0, Evidence.CONFLICTING: 1.0, Evidence.MISSING: 2.0, Evidence.MATCHING: 3.0}
# Coarse enough that a threshold between two values is the same number as float32 and as float64.
_DECIMALS = 3

# Each group's features, and the direction in which a grade may move as the value grows: 1 up, -1 down, 0 either.
GROUPS: Mapping[str, Mapping[str, int]] = {
    "tags": {"brand": 1, "category": 1, "worst_other_tag": 1, "tags_short": -1},
    "lexical": {
        "words_in_name": 1,
        "words_in_text": 1,
        "worst_place": 1,
        "head_place": 1,
        "head_only_in_attributes": 0,
        "words_in_title": 1,
        "words_in_opening": 1,
        "words_in_title_or_brand": 1,
        "words_are_brand": 0,
        "whole_phrase": 1,
        "head_ends_name": 1,
        "words_after_head": 0,
    },
    "fuzzy": {"nearest_words": 1, "nearest_head": 1, "joined_words": 1},
    "numeric": {"models_in_title": 1, "models_anywhere": 1, "amounts": 1},
    "accessory": {
        "is_accessory": -1,
        "accessory_in_title": -1,
        "accessory_in_opening": -1,
        "accessory_in_names": -1,
        "accessory_ends_name": -1,
        "head_after_for": 0,
    },
    "embedding": {
        "nearest_name": 1,
        "nearest_part": 1,
        "nearest_part_head": 1,
        "nearer_accessory_title": -1,
        "nearer_accessory_opening": -1,
    },
}
DIRECTIONS: Mapping[str, int] = {name: way for group in GROUPS.values() for name, way in group.items()}
NAMES: tuple[str, ...] = tuple(DIRECTIONS)


@dataclass(frozen=True)
class Row:
    """One pair.

    Attributes:
        rules: what the rules say: where boosting starts, and the reasons of a judgment.
        values: float32 in the order of NAMES; not a number where a feature does not apply.
    """

    rules: Match
    values: np.ndarray


class Features:
    """Computes features. It learns the products first, as the rules do."""

    def __init__(self, embed: Embed | None) -> None:
        """Computes the group "embedding" too where there is one; else its values are not numbers."""
        self._embed = embed
        self._rules = Rules()
        self._language = ""

    def learn(self, products: Iterable[Product], language: str) -> None:
        """Learns the values of each tag type from products of a language (ISO 639-1)."""
        self._language = language
        self._rules.learn(products, language)

    def row(self, query: Query, product: Product) -> Row:
        """The features of one pair."""
        names = self._rules.read(product)
        found = self._tags(query, names)
        # All words, those of tags too: a model then needs no examples of each way to write a query.
        text = query.meant_text or query.text
        words = [lemma(token.text, self._language) for token in self._tokens(text)]
        if words:
            found |= by_words.lexical(words, names) | by_words.fuzzy(words, names) | by_words.models(words, names)
            found |= by_words.accessory(words, names, self._rules.accessories)
            if self._embed is not None:
                found |= meaning(text, head_of(words), product, self._embed)
        found["amounts"] = agreement(text, _text_of(product))
        values = np.array([found.get(name, nan) for name in NAMES])
        return Row(self._rules.match(query, product), values.round(_DECIMALS).astype(np.float32))

    def _tokens(self, text: str) -> list:
        return list(content_tokens(text, self._language, stop_words(self._language)))

    def _tags(self, query: Query, names: Names) -> dict[str, float]:
        vocabulary = self._rules.vocabulary
        evidence = [
            (tag.type, weigh(tag.type, tuple(tag.value.split()), names.text, vocabulary))
            for tag in intended_tags(query)
        ]
        other = (_ORDER[found] for kind, found in evidence if kind not in ("BRAND", "CATEGORY"))
        return {
            "brand": min((_ORDER[found] for kind, found in evidence if kind == "BRAND"), default=nan),
            "category": min((_ORDER[found] for kind, found in evidence if kind == "CATEGORY"), default=nan),
            "worst_other_tag": min(other, default=nan),
            "tags_short": float(sum(found is not Evidence.MATCHING for _, found in evidence)),
        }


def _text_of(product: Product) -> str:
    values = (value for item in product.attributes for value in item.values)
    return " | ".join((product.title, product.description, *values))
