"""Labels for training a judge. The generator knows what each query means, so it knows the truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from random import Random

from sq_sample import german_compounds
from sq_sample.products import Product
from sq_sample.searches import Search, Shoppers

_QUERIES = 80
_RELATED, _OTHER = 20, 5


def labels(products: Sequence[Product], log: Iterable[Search], language: str, random: Random) -> Iterator[str]:
    """Lines of a CSV with query, docid and rating (0 to 4): 80 queries that the log does not have, 25 products each.

    The queries use the shop's own words, because a judge is trained without the customers' lists.
    """
    shoppers = Shoppers(products, random)
    asked = {text for search in log for text in (search.text, _text(search, language))}
    searches: dict[str, Search] = {}
    while len(searches) < _QUERIES:
        search = shoppers.search()
        if not search.synonym and not search.intent and not {search.text, _text(search, language)} & asked:
            searches.setdefault(_text(search, language), search)
    return rated(searches.items(), products, random)


def rated(searches: Iterable[tuple[str, Search]], products: Sequence[Product], random: Random) -> Iterator[str]:
    """Lines of a CSV: 25 products for each query, most of them of its category or brand.

    Args:
        searches: each with its text.
    """
    yield "query,docid,rating"
    for text, search in searches:
        for product in _pool(search, products, random):
            yield f"{text.replace(',', ' ')},{product.id},{truth(search, product)}"


def truth(search: Search, product: Product) -> int:
    """0: another category. 1: another brand, or two wrong properties. 2: one wrong property. 4: all as asked."""
    wrong = [part for part in search.parts if not _has(part, search, product)]
    if "category" in wrong:
        return 0
    if "brand" in wrong or len(wrong) > 1:
        return 1
    return 2 if wrong else 4


def _has(part: str, search: Search, product: Product) -> bool:
    if part == "size":
        return search.text.split()[-1] in product.sizes
    return getattr(product, part) == getattr(search.product, part)


def _text(search: Search, language: str) -> str:
    """The query in a language; a size stays as it is typed."""
    wanted = search.product
    if language == "en":
        return search.text
    if search.is_compound:
        return german_compounds.compound(wanted.material, wanted.category).lower()
    words = (search.text.split()[-1] if part == "size" else getattr(wanted, part).de for part in search.parts)
    return " ".join(words).lower()


def _pool(search: Search, products: Sequence[Product], random: Random) -> list[Product]:
    wanted = search.product
    related = [one for one in products if one.category == wanted.category or one.brand == wanted.brand]
    exact = [one for one in related if truth(search, one) == 4]
    chosen = random.sample(exact, min(len(exact), _RELATED // 2))
    chosen += random.sample(related, _RELATED - len(chosen))
    chosen += random.sample(products, _OTHER)
    return list({one.id: one for one in chosen}.values())
