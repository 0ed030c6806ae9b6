"""Which words a product has in which field: what tells whether a search engine looks at the field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sq.v1.product_pb2 import Product
from sq_text import normalise, tokenise

TITLE = "title"


@dataclass(frozen=True)
class FieldWords:
    """Attributes:
    all: words of the field in order, each once.
    alone: those that stand in no other field of the product.
    """

    all: Sequence[str]
    alone: Sequence[str]


def field_words(product: Product) -> dict[str, FieldWords]:
    """By field: title, description, brand, category, and the attributes by name."""
    found = {field: _words(text) for field, text in _texts(product)}
    fields_of = Counter(word for words in found.values() for word in words)
    return {
        field: FieldWords(words, [word for word in words if fields_of[word] == 1]) for field, words in found.items()
    }


def _texts(product: Product) -> Iterator[tuple[str, str]]:
    yield TITLE, product.title
    yield "description", product.description
    yield "brand", product.brand
    yield "category", " ".join(product.categories)
    for attribute in product.attributes:
        yield attribute.name, " ".join(attribute.values)


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(token.text for token in tokenise(normalise(text))))
