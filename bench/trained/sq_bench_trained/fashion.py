"""Labels for the sample shop. Its generator knows what each query means, so it knows the truth."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from sq_sample.products import Product, document, make_products
from sq_sample.searches import Search, Shoppers

_QUERIES = 67
_RELATED, _OTHER = 20, 5


def write_shop(folder: Path, seed: int = 7) -> tuple[Path, Path]:
    """Writes catalogue and labels: 67 queries, 25 products each, most of them of the query's category or brand."""
    random = Random(seed)
    products = make_products(random)
    shoppers = Shoppers(products, random)
    catalogue, labels = folder / "catalogue.ndjson", folder / "labels.csv"
    catalogue.write_text("".join(json.dumps(document(one, "en")) + "\n" for one in products), encoding="utf-8")
    searches: dict[str, Search] = {}
    while len(searches) < _QUERIES:
        search = shoppers.search()
        searches.setdefault(search.text.replace(",", " "), search)
    rows = ["query,docid,rating"]
    for text, search in searches.items():
        for product in _pool(search, products, random):
            rows.append(f"{text},{product.id},{truth(search, product)}")
    labels.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return catalogue, labels


def truth(search: Search, product: Product) -> int:
    """0: another category. 1: another brand, or two wrong properties. 2: one wrong property. 4: all as asked."""
    wanted = search.product
    wrong = [part for part in search.parts if not _has(part, wanted, product, search.text)]
    if "category" in wrong:
        return 0
    if "brand" in wrong or len(wrong) > 1:
        return 1
    return 2 if wrong else 4


def _has(part: str, wanted: Product, product: Product, text: str) -> bool:
    if part == "size":
        return text.split()[-1] in product.sizes
    return getattr(product, part) == getattr(wanted, part)


def _pool(search: Search, products: list[Product], random: Random) -> list[Product]:
    wanted = search.product
    related = [one for one in products if one.category == wanted.category or one.brand == wanted.brand]
    exact = [one for one in related if truth(search, one) == 4]
    chosen = random.sample(exact, min(len(exact), _RELATED // 2))
    chosen += random.sample(related, _RELATED - len(chosen))
    chosen += random.sample(products, _OTHER)
    return list({one.id: one for one in chosen}.values())
