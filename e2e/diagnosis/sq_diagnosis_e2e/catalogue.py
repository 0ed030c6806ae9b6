"""The Chorus products as a shop's catalogue: with a category, and the brand in its own field alone."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sq_diagnosis_e2e.kinds import kind_of

# Fields of the catalogue and of the index alike.
FIELDS = {
    "id": "id",
    "title": "title",
    "description": "description",
    "brand": "brand",
    "category": "category",
    "attributes": [
        {"field": "colour", "tag_type": "COLOUR"},
        {"field": "compatibility"},
    ],
}
_MARKUP = re.compile(r"<[^>]*>")
_TRADE = str.maketrans("", "", "®™")


def read_products(path: Path) -> list[dict]:
    """One document a product."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [_document(json.loads(line)) for line in lines]


def _document(row: dict) -> dict:
    kind = kind_of(row["title"])
    document = {
        "id": row["id"],
        "title": _without(row["title"], row["supplier"]),
        "brand": row["supplier"],
        "category": kind.name if kind else "",
        "description": _without(_plain(row.get("short_description", "")), row["supplier"]),
        "colour": row.get("attr_t_product_colour") or row.get("attr_t_cable_colour") or "",
        "compatibility": row.get("attr_t_compatibility", ""),
    }
    return {name: value for name, value in document.items() if value}


def _plain(text: str) -> str:
    return " ".join(_MARKUP.sub(" ", text).translate(_TRADE).split())


def _without(text: str, brand: str) -> str:
    """The text without the brand, which Icecat repeats in it."""
    return " ".join(re.sub(rf"(?i)(?<!\w){re.escape(brand)}(?!\w)", " ", text.translate(_TRADE)).split()) or text


def without_field(products: Iterable[dict], field: str, values: Sequence[str]) -> Iterator[dict]:
    """The products, of which those with one of some values of a field have lost it."""
    for product in products:
        lost = product.get(field, "").lower() in values
        yield {name: value for name, value in product.items() if not (lost and name == field)}


def most(products: Sequence[dict], without: float) -> list[dict]:
    """The products but a share of them, 0..1."""
    return [product for product in products if _lot(f"indexed {product['id']}") >= without]


def indexed(products: Iterable[dict]) -> list[dict]:
    """The documents of an index: with a popularity of 1 to 3 that most products have little of, as sales have it."""
    return [{**product, "popularity": 1 + 2 * _lot(product["id"]) ** 3} for product in products]


def _lot(text: str) -> float:
    """A number of 0..1 that is the same in every run."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def write(products: Iterable[dict], path: Path) -> Path:
    path.write_text("".join(json.dumps(product) + "\n" for product in products), encoding="utf-8")
    return path
