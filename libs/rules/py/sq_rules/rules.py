"""Rules over tags, attributes and text: the grade that the lowest finding allows, with its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sq.v1.judgment_pb2 import (
    REASON_CODE_ATTRIBUTE_CONFLICT,
    REASON_CODE_OFF_TOPIC,
    REASON_CODE_TAG_MISMATCH,
    REASON_CODE_TAG_MISSING,
    REASON_CODE_TERM_MISSING,
    Reason,
)
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq.v1.tag_pb2 import Tag
from sq_evidence import Evidence, ProductText, Vocabulary, accessory_words, intended_tags, meant_words, weigh
from sq_rules.text_match import Match, Names, match_words

_CODES = {
    Evidence.DIFFERING: REASON_CODE_TAG_MISMATCH,
    Evidence.MISSING: REASON_CODE_TAG_MISSING,
    Evidence.CONFLICTING: REASON_CODE_ATTRIBUTE_CONFLICT,
}


@dataclass(frozen=True)
class Asked:
    """The tags and words that a query asks for, as lemmas."""

    tags: tuple[tuple[Tag, tuple[str, ...]], ...]
    words: tuple[str, ...]

    @classmethod
    def by(cls, query: Query) -> Asked:
        tags = intended_tags(query)
        return cls(tuple((tag, tuple(tag.value.split())) for tag in tags), tuple(meant_words(query)))

    @property
    def has_category(self) -> bool:
        return any(tag.type == "CATEGORY" for tag, _ in self.tags)


class Rules:
    """Gives the lowest grade that one of its findings allows.

        0  another category, or the product does not contain a word of the query
        1  another brand, or two other wrong tags
        2  one other wrong or contradictory tag, or two missing ones
        3  one missing tag: the product states nothing for it
        4  none of these

    A query without a category tag is also compared with the product's text (text_match.py).

    Attributes:
        vocabulary: the values of each tag type, of all products learnt.
        accessories: lemmas that name accessories in a title.
    """

    def __init__(self, accessories: Iterable[str] = ()) -> None:
        """accessories: words that name accessories, in place of the languages' lists; empty: those lists."""
        # Of both languages at once: titles mix them.
        self.accessories = accessory_words("en", "de", own=accessories)
        self.vocabulary = Vocabulary()
        self._language = ""
        self._names: dict[str, Names] = {}

    def learn(self, products: Iterable[Product], language: str) -> None:
        """Learns the values of each tag type from the products.

        Args:
            language: of the products, ISO 639-1.
        """
        self._language = language
        for product in products:
            self.vocabulary.add(self.read(product).text)

    def match(self, query: Query, product: Product) -> Match:
        """The grade of one product for a query, and why it is not 4."""
        return self._match(Asked.by(query), self.read(product))

    def _match(self, asked: Asked, names: Names) -> Match:
        if not asked.tags and not asked.words:
            return Match(0, (Reason(code=REASON_CODE_OFF_TOPIC),))
        by_tags = self._match_tags(asked, names.text)
        if not asked.words:
            return by_tags
        if asked.has_category:
            by_words = _contains_words(asked.words, names.text)
        else:
            by_words = match_words(asked.words, names, self.vocabulary, self.accessories)
        return Match(min(by_tags.grade, by_words.grade), by_tags.reasons + by_words.reasons)

    def _match_tags(self, asked: Asked, text: ProductText) -> Match:
        found = [(tag, weigh(tag.type, value, text, self.vocabulary)) for tag, value in asked.tags]
        short = [(tag, evidence) for tag, evidence in found if evidence is not Evidence.MATCHING]
        reasons = [Reason(code=_CODES[evidence], tag_type=tag.type, value=tag.value) for tag, evidence in short]
        wrong_category = any(
            tag.type == "CATEGORY" and not _may_be(value, evidence, text)
            for (tag, value), (_, evidence) in zip(asked.tags, found, strict=True)
        )
        if wrong_category:
            return Match(0, (*reasons, Reason(code=REASON_CODE_OFF_TOPIC, tag_type="CATEGORY")))
        return Match(_grade(short), tuple(reasons))

    def read(self, product: Product) -> Names:
        """A product's names. Products of equal content are read once."""
        known = self._names.get(product.content_hash)
        if known is None:
            known = Names.of(product, ProductText.of(product, self._language), self._language)
            self._names[product.content_hash] = known
        return known


def _may_be(category: Sequence[str], evidence: Evidence, text: ProductText) -> bool:
    """Whether a product may be of the category: it states so, or it states none and its title names it."""
    if evidence is Evidence.MISSING:
        return set(category) <= set(text.title)
    return evidence is not Evidence.DIFFERING


def _grade(short: Sequence[tuple[Tag, Evidence]]) -> int:
    missing = sum(evidence is Evidence.MISSING for _, evidence in short)
    wrong = len(short) - missing
    if any(tag.type == "BRAND" and evidence is Evidence.DIFFERING for tag, evidence in short) or wrong > 1:
        return 1
    if wrong or missing > 1:
        return 2
    return 3 if missing else 4


def _contains_words(words: Iterable[str], text: ProductText) -> Match:
    lacking = [word for word in words if not text.contains(word)]
    if not lacking:
        return Match(4)
    return Match(0, tuple(Reason(code=REASON_CODE_TERM_MISSING, value=word) for word in lacking))
