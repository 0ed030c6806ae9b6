"""Applies a plan: makes the documents of the catalogue and of the search index from the products."""

from __future__ import annotations

import dataclasses
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sq_sample.planting import BrokenAttribute, HiddenBrand, HiddenCategory, Plan
from sq_sample.products import Product, document, named, title
from sq_sample.words import CATEGORIES

# Of the products with a value, in each category. The rest ranks lower and shows what could have been found.
_BROKEN_SHARE = 0.6

Document = dict


@dataclasses.dataclass(frozen=True)
class Documents:
    """Of one market, in the order of the products."""

    catalogue: list[Document]
    index: list[Document]


def make_documents(products: Sequence[Product], plan: Plan) -> Documents:
    """Index and catalogue are the same where the plan breaks nothing."""
    catalogue = [document(product, plan.language) for product in products]
    index = [dict(entry) for entry in catalogue]
    for broken in plan.attributes:
        for place in _ranked_first(products, broken, plan.language):
            for entry in [index[place]] + ([catalogue[place]] if broken.in_catalogue else []):
                _break(entry, broken)
    for hidden in plan.brands:
        for place, product in enumerate(products):
            if product.brand.en == hidden.brand:
                _hide_brand(index[place], hidden)
    for category in plan.categories:
        for place, product in enumerate(products):
            if product.category.en == category.category:
                _hide_category(index[place], category, plan.language)
    return Documents(catalogue, index)


def _ranked_first(products: Sequence[Product], broken: BrokenAttribute, language: str) -> Iterable[int]:
    """Places of the products to break: those with the shortest titles, which search engines rank first."""
    by_category: dict[str, list[int]] = defaultdict(list)
    for place, product in enumerate(products):
        if getattr(product, broken.part).en == broken.value:
            by_category[product.category.en].append(place)
    for places in by_category.values():
        places.sort(key=lambda place: (len(title(products[place], language).split()), place))
        yield from places[: math.ceil(len(places) * _BROKEN_SHARE)]


def _break(entry: Document, broken: BrokenAttribute) -> None:
    if broken.instead is None:
        entry.pop(broken.part, None)
    else:
        entry[broken.part] = broken.instead


def _hide_brand(entry: Document, hidden: HiddenBrand) -> None:
    entry.pop("brand")
    entry["title"] = entry["title"].replace(hidden.brand, "").strip()


def _hide_category(entry: Document, hidden: HiddenCategory, language: str) -> None:
    word = named(CATEGORIES, hidden.category).value(language)
    entry["category"] = hidden.abbreviation
    for name in ("title", "description"):
        entry[name] = re.sub(rf"\b{word}\b", hidden.abbreviation, entry[name], flags=re.IGNORECASE)
