"""The products of a catalogue that repeats some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sq.v1.product_pb2 import Product


def distinct(products: Iterable[Product]) -> Iterator[Product]:
    """The first product of each id, in the order they come. It keeps 64 bits of each id."""
    seen: set[int] = set()
    for product in products:
        key = hash(product.product_id)
        if key not in seen:
            seen.add(key)
            yield product
