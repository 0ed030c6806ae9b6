"""A product as lemmas: its values by tag type, and its text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sq.v1.product_pb2 import Product
from sq_text import lemmas as words_of
from sq_text import product_values

# The lemmas of one value, in order.
Value = tuple[str, ...]


def lemmas(text: str, language: str) -> Value:
    """The lemmas of a text, in order, stop words included."""
    return tuple(words_of(text, language))


@dataclass(frozen=True)
class ProductText:
    """One product's text as lemmas.

    Attributes:
        values: of brand, categories and attributes, by tag type.
        other: lemmas of the values of attributes without a tag type.
    """

    title: Value
    description: Value
    brand: Value
    values: dict[str, frozenset[Value]]
    other: frozenset[str]

    @classmethod
    def of(cls, product: Product, language: str) -> ProductText:
        untyped = (value for item in product.attributes if not item.tag_type for value in item.values)
        return cls(
            title=lemmas(product.title, language),
            description=lemmas(product.description, language),
            brand=lemmas(product.brand, language),
            values={
                kind: frozenset(tuple(value.split()) for value in values)
                for kind, values in product_values(product, language).items()
            },
            other=frozenset(word for value in untyped for word in words_of(value, language)),
        )

    @cached_property
    def words(self) -> frozenset[str]:
        """Every lemma of the product's text and attributes."""
        of_values = (word for values in self.values.values() for value in values for word in value)
        return self.other.union(self.title, self.description, of_values)

    def contains(self, word: str) -> bool:
        """Whether a lemma occurs in the product's text or attributes."""
        return word in self.words
