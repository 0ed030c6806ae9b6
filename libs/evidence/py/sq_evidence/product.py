"""A product as lemmas: what its attributes state by tag type, and what its text holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sq.v1.product_pb2 import Product
from sq_text import lemmas as words_of
from sq_text import stated_values

# One value: its lemmas in order.
Value = tuple[str, ...]


def lemmas(text: str, language: str) -> Value:
    """The lemmas of a text, in order, stop words included."""
    return tuple(words_of(text, language))


@dataclass(frozen=True)
class ProductText:
    """One product's text as lemmas.

    Attributes:
        stated: values by tag type that brand, categories and attributes state.
        other: lemmas of the values of attributes that answer to no tag type.
    """

    title: Value
    description: Value
    brand: Value
    stated: dict[str, frozenset[Value]]
    other: frozenset[str]

    @classmethod
    def of(cls, product: Product, language: str) -> ProductText:
        stated = stated_values(product, language)
        untyped = (value for item in product.attributes if not item.tag_type for value in item.values)
        return cls(
            title=lemmas(product.title, language),
            description=lemmas(product.description, language),
            brand=lemmas(product.brand, language),
            stated={kind: frozenset(tuple(value.split()) for value in values) for kind, values in stated.items()},
            other=frozenset(word for value in untyped for word in words_of(value, language)),
        )

    @cached_property
    def words(self) -> frozenset[str]:
        """Every lemma the product holds anywhere."""
        stated = (word for values in self.stated.values() for value in values for word in value)
        return self.other.union(self.title, self.description, stated)

    def holds(self, word: str) -> bool:
        """Whether the product holds a lemma anywhere in its text and attributes."""
        return word in self.words
