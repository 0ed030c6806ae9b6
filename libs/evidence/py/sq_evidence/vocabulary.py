"""The values each tag type takes, learned from the products that were seen."""

from __future__ import annotations

from collections.abc import Iterable

from sq.v1.product_pb2 import Product
from sq_evidence.product import ProductText, Value

# "case for acme": the words after these name what a product goes with, not what it is.
_GOES_WITH = frozenset({"for", "f", "fit", "compatible", "with", "für", "passend", "kompatibel", "mit"})


class Vocabulary:
    """Values by tag type, and the places of a text that mention one."""

    def __init__(self) -> None:
        self._values: dict[str, set[Value]] = {}
        self._by_first: dict[str, dict[str, list[Value]]] = {}

    @classmethod
    def of(cls, products: Iterable[Product], language: str) -> Vocabulary:
        vocabulary = cls()
        for product in products:
            vocabulary.add(ProductText.of(product, language))
        return vocabulary

    def add(self, product: ProductText) -> None:
        """Learns what the product's brand, categories and attributes state."""
        for kind, values in product.stated.items():
            for value in values - self._values.setdefault(kind, set()):
                self._values[kind].add(value)
                self._by_first.setdefault(kind, {}).setdefault(value[0], []).append(value)

    def has_type(self, kind: str) -> bool:
        """Whether any product seen states the tag type at all."""
        return kind in self._values

    def has(self, kind: str, value: Value) -> bool:
        return value in self._values.get(kind, ())

    def mentions(self, kind: str, text: Value) -> frozenset[Value]:
        """Values of the tag type that a text names; the longest wins where several begin at one place.

        Values of one or two characters are left out: in running text "S" is seldom a size. So is what
        the text says the product goes with ("case for acme").
        """
        by_first = self._by_first.get(kind, {})
        found: set[Value] = set()
        at = 0
        while at < len(text):
            value = max(
                (value for value in by_first.get(text[at], ()) if text[at : at + len(value)] == value),
                key=len,
                default=None,
            )
            if value and any(len(word) > 2 for word in value) and not _GOES_WITH & set(text[max(at - 2, 0) : at]):
                found.add(value)
            at += len(value) if value else 1
        return frozenset(found)
