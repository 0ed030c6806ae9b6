"""The values of a product by tag type: from its brand, categories and attributes."""

from __future__ import annotations

from collections.abc import Iterable

import regex

from sq.v1.product_pb2 import Product
from sq_text.lemmas import canonical

# Shops put several values into one field: "Clothing > Shirts", "Red/Blue", "cotton, wool". A slash separates only words
# (not "38/40" or "n/a"), and a comma only if a space follows it (not "3,5").
_SEPARATOR = regex.compile(r"\s*[;|>]\s*|,\s+|\s+/\s+|(?<=\p{L}\p{L})/(?=\p{L}\p{L})")


def split_values(text: str) -> list[str]:
    """Splits the text of a field into single values, in order, without empty ones."""
    return [value for value in (part.strip() for part in _SEPARATOR.split(text)) if value]


def raw_values(product: Product) -> Iterable[tuple[str, str]]:
    """(tag type, single value as written) of the brand, the categories and every attribute with a tag type."""
    if product.brand:
        yield "BRAND", product.brand
    for category in product.categories:
        for value in split_values(category):
            yield "CATEGORY", value
    for attribute in product.attributes:
        if attribute.tag_type:
            for text in attribute.values:
                for value in split_values(text):
                    yield attribute.tag_type, value


def product_values(product: Product, language: str) -> dict[str, set[str]]:
    """Canonical values by tag type, comparable with Tag.value. A tag type without values has no key."""
    values: dict[str, set[str]] = {}
    for tag_type, raw in raw_values(product):
        value = canonical(raw, language)
        if value:
            values.setdefault(tag_type, set()).add(value)
    return values
