"""The values of each tag type, collected from products."""

from __future__ import annotations

from collections.abc import Iterable

from sq.v1.product_pb2 import Product
from sq_evidence.product import ProductText, Value

# "case for acme": words after these name what a product is for, not what it is.
_COMPATIBLE_WITH = frozenset({"for", "f", "fit", "compatible", "with", "für", "passend", "kompatibel", "mit"})


class Vocabulary:
    """Values by tag type. Finds the values that a text mentions."""

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
        """Adds the values of a product."""
        for kind, values in product.values.items():
            for value in values - self._values.setdefault(kind, set()):
                self._values[kind].add(value)
                self._by_first.setdefault(kind, {}).setdefault(value[0], []).append(value)

    def has_type(self, kind: str) -> bool:
        """Whether any product has a value of the tag type."""
        return kind in self._values

    def has(self, kind: str, value: Value) -> bool:
        """Whether any product has this value of the tag type."""
        return value in self._values.get(kind, ())

    def mentions(self, kind: str, text: Value) -> frozenset[Value]:
        """Values of the tag type that a text mentions; the longest wins if several begin at the same word.

        Leaves out values of one or two characters: in running text "S" is rarely a size. Also leaves out what the
        product is for ("case for acme").
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
            if value and any(len(word) > 2 for word in value) and not _COMPATIBLE_WITH & set(text[max(at - 2, 0) : at]):
                found.add(value)
            at += len(value) if value else 1
        return frozenset(found)
