"""Labels for the sample shop. Its generator knows what each query means, so it knows the truth."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from sq_sample.labels import rated
from sq_sample.products import document, make_products
from sq_sample.searches import Search, Shoppers

_QUERIES = 67


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
    labels.write_text("\n".join(rated(searches.items(), products, random)) + "\n", encoding="utf-8")
    return catalogue, labels
