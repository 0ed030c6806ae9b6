"""What a product states for each tag type."""

from __future__ import annotations

from collections.abc import Iterable

import regex

from sq.v1.product_pb2 import Product
from sq_text.lemmas import canonical

# Shops put several values into one field: "Clothing > Shirts", "Red/Blue", "cotton, wool". A slash parts words only
# (not "38/40" or "n/a"), a comma only with a space behind it (not "3,5").
_SEPARATOR = regex.compile(r"\s*[;|>]\s*|,\s+|\s+/\s+|(?<=\p{L}\p{L})/(?=\p{L}\p{L})")


def split_values(text: str) -> list[str]:
    """The single values in one field's text, in order, without empty ones."""
    return [value for value in (part.strip() for part in _SEPARATOR.split(text)) if value]


def raw_values(product: Product) -> Iterable[tuple[str, str]]:
    """(tag type, single value as written) for brand, categories and every attribute with a tag type."""
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


def stated_values(product: Product, language: str) -> dict[str, set[str]]:
    """Canonical values by tag type: comparable with Tag.value. A type the product says nothing of has no key."""
    stated: dict[str, set[str]] = {}
    for tag_type, raw in raw_values(product):
        value = canonical(raw, language)
        if value:
            stated.setdefault(tag_type, set()).add(value)
    return stated
