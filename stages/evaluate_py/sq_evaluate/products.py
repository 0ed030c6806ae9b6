"""Finds the product of a pair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from sq.v1.product_pb2 import Product, ProductRef


class ProductSource(Protocol):
    """Finds product records, each with its content hash."""

    def find(self, ref: ProductRef) -> Product | None: ...

    def __iter__(self) -> Iterator[Product]: ...


class FromRecords:
    """Products of an artefact, by id and content hash."""

    def __init__(self) -> None:
        self._products: dict[tuple[str, str], Product] = {}

    def add(self, product: Product) -> None:
        self._products[product.product_id, product.content_hash] = product

    def find(self, ref: ProductRef) -> Product | None:
        return self._products.get((ref.product_id, ref.content_hash))

    def __iter__(self) -> Iterator[Product]:
        return iter(self._products.values())


class FromCatalogue:
    """Products of a catalogue file, by id alone. Only the wanted ones are kept, and the first of those with one id."""

    def __init__(self, products: Iterable[Product], wanted: frozenset[str]) -> None:
        self._products: dict[str, Product] = {}
        for product in products:
            if product.product_id in wanted:
                self._products.setdefault(product.product_id, product)

    def find(self, ref: ProductRef) -> Product | None:
        return self._products.get(ref.product_id)

    def __iter__(self) -> Iterator[Product]:
        return iter(self._products.values())


class FirstOf:
    """Takes a product from the first source that has it."""

    def __init__(self, *sources: ProductSource) -> None:
        self._sources = sources

    def find(self, ref: ProductRef) -> Product | None:
        return next((found for source in self._sources if (found := source.find(ref))), None)

    def __iter__(self) -> Iterator[Product]:
        for source in self._sources:
            yield from source
