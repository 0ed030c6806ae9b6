"""What customers search for, drawn from what the shop has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sq_sample.brands import BRANDS
from sq_sample.customers_words import CUSTOMERS_OWN, INTENTS, SYNONYMS, Synonym
from sq_sample.products import Product, pick
from sq_sample.words import CATEGORIES, Category

# Parts of a query in the order they are typed, and how often.
_PATTERNS: tuple[tuple[tuple[str, ...], float], ...] = (
    (("category",), 17),
    (("colour", "category"), 21),
    (("material", "category"), 13),
    (("gender", "category"), 14),
    (("category", "size"), 6),
    (("feature", "category"), 4),
    (("brand",), 3),
    (("brand", "category"), 5),
    (("brand", "colour"), 2),
    (("gender", "brand"), 1.5),
    (("brand", "material"), 1.5),
    (("gender", "colour", "category"), 1.5),
    (("colour",), 0.1),
    (("material",), 0.1),
    (("feature",), 0.2),
    (("gender",), 0.1),
)
_CUSTOMERS_OWN_SHARE = 0.35
_SYNONYM_SHARE = 0.15
_INTENT_SHARE = 0.12
# Queries that words of intent stand before.
_INTENT_PATTERNS = (("category",), ("colour", "category"))
# Of two spellings the first is typed this often.
_USUAL_SPELLING = 0.65
_SIZE_WORD_SHARE = 0.6


@dataclass(frozen=True)
class Search:
    """A query and what it means: parts that were not asked for are None.

    Attributes:
        text: as typed, in English.
        parts: names of the parts asked for, such as "brand".
        product: one that answers it.
        synonym: the customers' word used for the category.
        intent: the word of intent before the rest, such as "cheap"; empty for none.
        inflected: whether a word stands in another form than in the products' texts.
        mistyped: whether the text has a typing error.
    """

    text: str
    parts: tuple[str, ...]
    product: Product
    synonym: Synonym | None = None
    intent: str = ""
    inflected: bool = False
    mistyped: bool = False

    @property
    def is_compound(self) -> bool:
        """Whether German has one word for it."""
        return self.parts == ("material", "category") and self.synonym is None

    def names(self, part: str, english: str) -> bool:
        """Whether the query asks for a value in the shop's own words."""
        return self.asks(part, english) and not (part == "category" and self.synonym)

    def asks(self, part: str, english: str) -> bool:
        """Whether the query asks for a value, such as ("colour", "navy")."""
        return part in self.parts and getattr(self.product, part).en == english


class Shoppers:
    """Draws searches. Popular categories and words come again and again, so that traffic has a head and a long tail."""

    def __init__(self, products: Sequence[Product], random: Random) -> None:
        self._random = random
        self._by_category: dict[str, list[Product]] = defaultdict(list)
        self._by_brand: dict[str, list[Product]] = defaultdict(list)
        for product in products:
            self._by_category[product.category.en].append(product)
            self._by_brand[product.brand.en].append(product)

    def search(self) -> Search:
        patterns, weights = zip(*_PATTERNS, strict=True)
        parts = self._random.choices(patterns, weights)[0]
        product = self._wanted(parts)
        # Whoever knows the brand knows the shop's words, too.
        synonym = self._synonym(product.category) if "category" in parts and "brand" not in parts else None
        words = [self._spell(part, product, synonym) for part in parts]
        intent = self._intent() if parts in _INTENT_PATTERNS and not synonym else ""
        text = " ".join([intent, *words]).strip()
        return Search(text, parts, product, synonym, intent, _inflected(parts, words, product, synonym))

    def _intent(self) -> str:
        return pick(self._random, INTENTS).en if self._random.random() < _INTENT_SHARE else ""

    def _wanted(self, parts: tuple[str, ...]) -> Product:
        """A product that has every part."""
        while True:
            if "brand" in parts:
                among = self._by_brand[pick(self._random, BRANDS).en]
            else:
                among = self._by_category[self._popular_category(parts).en]
            product = self._random.choice(among)
            if ("feature" not in parts or product.feature) and ("size" not in parts or product.sizes):
                return product

    def _popular_category(self, parts: tuple[str, ...]) -> Category:
        """Plain names are the head of the traffic: the popular ones stand out more among them than elsewhere."""
        power = 1.6 if parts == ("category",) else 1.0
        return self._random.choices(CATEGORIES, [category.weight**power for category in CATEGORIES])[0]

    def _synonym(self, category: Category) -> Synonym | None:
        for share, synonyms in ((_CUSTOMERS_OWN_SHARE, CUSTOMERS_OWN), (_SYNONYM_SHARE, SYNONYMS)):
            fitting = [synonym for synonym in synonyms if synonym.category == category.en]
            if fitting and self._random.random() < share:
                return fitting[0]
        return None

    def _spell(self, part: str, product: Product, synonym: Synonym | None) -> str:
        match part:
            case "size":
                size = self._random.choice(product.sizes)
                return f"size {size}" if self._random.random() < _SIZE_WORD_SHARE else size
            case "category" if synonym:
                return synonym.en
            case _:
                return self._usual(getattr(product, part).spellings)

    def _usual(self, spellings: Sequence[str]) -> str:
        for spelling in spellings[:-1]:
            if self._random.random() < _USUAL_SPELLING:
                return spelling
        return spellings[-1]


def _inflected(parts: Sequence[str], words: Sequence[str], product: Product, synonym: Synonym | None) -> bool:
    for part, word in zip(parts, words, strict=True):
        if part == "category" and not synonym and word != product.category.en:
            return True
        if part == "gender" and word in ("womens", "mens"):
            return True
    return False
