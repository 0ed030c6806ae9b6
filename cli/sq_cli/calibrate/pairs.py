"""What is known of a pair besides its grades: how long the product's text is, and how much of it the query has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sq.v1.product_pb2 import Product
from sq_text import lemmas, stop_words

NONE, SOME, ALL = "none", "some", "all"


@dataclass(frozen=True)
class ProductFacts:
    """Attributes:
    length: characters of title and description.
    words: lemmas of the title.
    """

    length: int
    words: frozenset[str]


def facts_of(products: Iterable[Product], wanted: set[str], language: str) -> dict[str, ProductFacts]:
    """By id, of the products that are wanted."""
    return {
        product.product_id: ProductFacts(
            len(product.title) + len(product.description), frozenset(lemmas(product.title, language))
        )
        for product in products
        if product.product_id in wanted
    }


def overlap(query: str, facts: ProductFacts, language: str) -> str:
    """How many words of the query the title has: none, some or all. Judges give too much where it has many."""
    words = {word for word in lemmas(query, language) if word not in stop_words(language)}
    held = len(words & facts.words)
    return NONE if not held else ALL if held == len(words) else SOME


def length_groups(facts: Mapping[str, ProductFacts]) -> dict[str, str]:
    """By product id: short, middle or long, each a third of the products."""
    ordered = sorted(facts, key=lambda product: (facts[product].length, product))
    names = "short", "middle", "long"
    return {product: names[3 * place // len(ordered)] for place, product in enumerate(ordered)}
