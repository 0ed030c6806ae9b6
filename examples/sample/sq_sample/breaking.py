"""Applies a plan: makes the documents of the catalogue and of the search index from the products."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sq_sample.planting import BrokenAttribute, Plan
from sq_sample.products import Product, document, title

# Of the products with a value, in each category. The rest shows that the attribute is meant to be filled.
_BROKEN_SHARE = 0.6

Document = dict


def make_documents(products: Sequence[Product], plan: Plan) -> list[Document]:
    """Of one market, in the order of the products: what its catalogue holds, and what its search has indexed."""
    documents = [document(product, plan.language) for product in products]
    for broken in plan.attributes:
        for place in _ranked_first(products, broken, plan.language):
            del documents[place][broken.part]
    return documents


def _ranked_first(products: Sequence[Product], broken: BrokenAttribute, language: str) -> Iterable[int]:
    """Places of the products to break: those with the shortest titles, which search engines rank first."""
    by_category: dict[str, list[int]] = defaultdict(list)
    for place, product in enumerate(products):
        if getattr(product, broken.part).en == broken.value:
            by_category[product.category.en].append(place)
    for places in by_category.values():
        places.sort(key=lambda place: (len(title(products[place], language).split()), place))
        yield from places[: math.ceil(len(places) * _BROKEN_SHARE)]
