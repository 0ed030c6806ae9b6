"""The fields of products by the words of queries that stand in them: the fields that customers search by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sq.v1.product_pb2 import Product
from sq_diagnose.read import traffic
from sq_mechanisms import Asked
from sq_text import normalise, tokenise

TITLE = "title"
# A field is searched by where a word of a query stands in it, and in it alone, for this share of the products that
# hold the word.
_ITS_OWN = 2 / 3
# Fields that less of the traffic searches by are left alone.
_LEAST_TRAFFIC = 0.005


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


def fields_searched_by(products: Iterable[Product], asked: Sequence[Asked], most: int) -> list[str]:
    """Up to `most` fields whose own words stand in queries, most traffic first; the title is not among them."""
    wanted = {asked_word.text for one in asked for asked_word in one.words}
    holding: Counter[str] = Counter()
    alone: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for product in products:
        words = field_words(product)
        holding.update({word for of in words.values() for word in of.all if word in wanted})
        for field, of in words.items():
            alone[field].update(word for word in of.alone if word in wanted)
    shares = {field: _traffic(counts, holding, asked) for field, counts in alone.items() if field != TITLE}
    ordered = sorted(shares, key=lambda field: (-shares[field], field))
    return [field for field in ordered if shares[field] >= _LEAST_TRAFFIC][:most]


def _traffic(alone: Mapping[str, int], holding: Mapping[str, int], asked: Iterable[Asked]) -> float:
    own = {word for word, count in alone.items() if count >= _ITS_OWN * holding[word]}
    return sum(traffic(one.query) for one in asked if any(one.words[place].text in own for place in one.content()))


def _texts(product: Product) -> Iterator[tuple[str, str]]:
    yield TITLE, product.title
    yield "description", product.description
    yield "brand", product.brand
    yield "category", " ".join(product.categories)
    for attribute in product.attributes:
        yield attribute.name, " ".join(attribute.values)


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(token.text for token in tokenise(normalise(text))))
