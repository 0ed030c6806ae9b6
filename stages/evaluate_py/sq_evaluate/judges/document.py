"""What a model is shown: one JSON document with the query first, then its guideline if there is one, then the products.

All text of the shop is in this document, in the user's message, and never in the instructions. A JSON string cannot
end the document, and the instructions tell the model not to follow anything in it. Requests begin alike (the
instructions, then the query), so services cache their beginning.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_evidence import intended_tags

# More text costs more than it helps.
_MOST_CHARACTERS = 1500
_MOST_ATTRIBUTES = 40


def query_fields(query: Query) -> dict[str, object]:
    """The query, and the tags that it means."""
    asked: dict[str, object] = {"text": query.text, "language": query.language}
    if query.translated:
        # The translation may be wrong, so the customer's own words decide.
        asked = {
            "text": query.source_text,
            "language": query.source_language,
            "translation": query.text,
            "translation_language": query.language,
        }
    asked["tags"] = [{"type": tag.type, "value": tag.value} for tag in intended_tags(query)]
    return asked


def product_fields(product: Product) -> dict[str, object]:
    """The fields of a product that are not empty."""
    fields = {
        "title": product.title[:_MOST_CHARACTERS],
        "brand": product.brand,
        "categories": list(product.categories),
        "attributes": {item.name: list(item.values) for item in product.attributes[:_MOST_ATTRIBUTES]},
        "description": product.description[:_MOST_CHARACTERS],
    }
    return {name: value for name, value in fields.items() if value}


def product_texts(product: Product) -> Iterator[str]:
    """The texts that can be quoted: each field, each value of a list, and an attribute with its name."""
    for value in product_fields(product).values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (*value, " ".join(value))
        elif isinstance(value, dict):
            for name, values in value.items():
                yield from (*values, " ".join(values), f"{name} {' '.join(values)}")


def document(query: Mapping[str, object], products: Sequence[Product], **more: object) -> str:
    """The user's message. Products are numbered from 1. `more` stands between query and products."""
    shown = [{"n": n, **product_fields(product)} for n, product in enumerate(products, 1)]
    return json.dumps({"query": query, **more, "products": shown}, ensure_ascii=False)


def packs(query: Query, products: Sequence[Product], size: int) -> Iterator[tuple[Product, ...]]:
    """The products of each request, at most `size` of them; one empty pack where there are no products.

    The first pack has the first products, so the best results are judged where a budget is short. Within a pack they
    are shuffled, so that the model does not see the engine's ranking. The order follows from the texts alone: the same
    pack makes the same request, however the engine ranked it.
    """
    for start in range(0, max(len(products), 1), size):
        pack = products[start : start + size]
        yield tuple(sorted(pack, key=lambda product: _drawn(query, product)) if len(pack) > 1 else pack)


def _drawn(query: Query, product: Product) -> tuple[bytes, str]:
    """Equal texts are told apart by their ids."""
    text = json.dumps([query.text, product_fields(product)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest(), product.product_id
