"""A German fashion shop out of the sample's catalogue, and queries as Germans type them."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

from sq_diagnosis_e2e.intent import Intent
from sq_diagnosis_e2e.query_log import QueryLog

FIELDS = {
    "id": "id",
    "title": "title",
    "description": "description",
    "brand": "brand",
    "category": "category",
    "attributes": [
        {"field": "colour", "tag_type": "COLOUR"},
        {"field": "material", "tag_type": "MATERIAL"},
        {"field": "gender", "tag_type": "GENDER"},
    ],
}
# Other forms of the categories: singular or plural, whichever the catalogue has not.
_FORMS = {
    "Badeanzug": "badeanzüge", "Bluse": "blusen", "Handtasche": "handtaschen", "Hemd": "hemden", "Hoodie": "hoodies",
    "Hose": "hosen", "Jacke": "jacken", "Kleid": "kleider", "Mantel": "mäntel", "Rock": "röcke",
    "Rucksack": "rucksäcke", "Schal": "schals", "Schlafanzug": "schlafanzüge",
    "Strickjacke": "strickjacken", "Weste": "westen", "Handschuhe": "handschuh", "Sandalen": "sandale",
    "Socken": "socke",
}  # fmt: skip
# Categories without another form.
_PLAIN = ("blazer", "gürtel", "jeans", "pullover", "shorts", "sneaker", "stiefel")
# First parts of compounds, by material and by gender.
_PARTS = {
    "Leder": "leder", "Leinen": "leinen", "Kaschmir": "kaschmir", "Samt": "samt", "Denim": "denim",
    "Polyester": "polyester", "Seide": "seiden", "Damen": "damen", "Herren": "herren", "Mädchen": "mädchen",
}  # fmt: skip


def read_products(sample: Path) -> list[dict]:
    """The documents of the German catalogue, with the fields that are searched."""
    rows = [json.loads(line) for line in (sample / "catalogue.de.ndjson").read_text(encoding="utf-8").splitlines()]
    names = ["id", "title", "description", "brand", "category", "colour", "material", "gender"]
    return [{name: row[name] for name in names if row.get(name)} for row in rows]


def compound_lines() -> list[str]:
    """Lines of a list for queries: each compound of a material or gender and a category stands for its two words.

    Lucene's decompounders put the parts beside the compound, so that any part is enough: "Lederjacke" finds all that is
    of leather. This list requires both.
    """
    names = sorted({*(name.lower() for name in _FORMS), *_FORMS.values(), *_PLAIN})
    return [f"{part}{name} => {value.lower()} {name}" for value, part in _PARTS.items() for name in names]


def make_log(products: Sequence[dict], queries: int, seed: int) -> QueryLog:
    """A log of distinct queries, each with one product in mind. Equal products and seeds give equal logs."""
    draw = random.Random(seed)
    log = QueryLog()
    while len(log.meant) < queries:
        text, intent = _query(draw.choice(products), draw)
        log.meant.setdefault(text, intent)
    return log


def _query(product: dict, draw: random.Random) -> tuple[str, Intent]:
    category = product["category"]
    name = _FORMS[category] if category in _FORMS and draw.random() < 0.45 else category.lower()
    parts = [field for field in ("material", "gender") if product.get(field) in _PARTS]
    joined = draw.choice(parts) if parts and draw.random() < 0.35 else ""
    asked = {
        field: product.get(field, "") for field in ("material", "gender") if field == joined or draw.random() < 0.15
    }
    brand = product["brand"] if draw.random() < 0.3 else ""
    colour = product.get("colour", "") if draw.random() < 0.25 else ""
    words = [brand.lower(), colour, *(value.lower() for field, value in asked.items() if field != joined)]
    words.append(_PARTS[product[joined]] + name if joined else name)
    text = " ".join(word for word in words if word)
    intent = Intent(category, brand, colour, material=asked.get("material", ""), gender=asked.get("gender", ""))
    return text, intent
