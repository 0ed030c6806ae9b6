"""Which words a product has in which field: what tells whether a search engine looks at the field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sq.v1.product_pb2 import Product
from sq_text import normalise, tokenise

TITLE = "title"
# Probe.rule of a search for a known product by whole words of its title.
BY_WHOLE_WORDS = 1
_AROUND = ".,;:!?()[]{}\"'“”„‘’*"


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


def names_in(text: str) -> list[str]:
    """What stands between spaces, normalised and without marks around it, each once.

    "Multi-Purpose Paper" has "multi-purpose" and "paper". An analyser may part the first, and never the second.
    """
    return list(dict.fromkeys(name for raw in normalise(text).split() if (name := raw.strip(_AROUND))))


def whole_words(text: str) -> list[str]:
    """The names of several letters and nothing else: analysers keep these, or change index and query alike."""
    return [name for name in names_in(text) if len(name) > 1 and name.isalpha()]


def _texts(product: Product) -> Iterator[tuple[str, str]]:
    yield TITLE, product.title
    yield "description", product.description
    yield "brand", product.brand
    yield "category", " ".join(product.categories)
    for attribute in product.attributes:
        yield attribute.name, " ".join(attribute.values)


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(token.text for token in tokenise(normalise(text))))
