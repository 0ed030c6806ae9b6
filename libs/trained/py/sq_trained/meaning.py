"""How near a product comes to a query in meaning, by cosines of sentence embeddings (-1 to 1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import nan

import numpy as np

from sq.v1.product_pb2 import Product
from sq_rules.text_match import PHRASE_END
from sq_trained.parts import name_parts, short_names

Embed = Callable[[Sequence[str]], np.ndarray]

# "laptop bag" lies nearer to a bag than "laptop" does. The most frequent kinds of accessories are enough.
_KINDS = ("case", "bag", "cable", "adapter", "charger", "battery", "mount", "stand", "cover", "holder", "ink", "part")


def meaning(query: str, head: str, product: Product, embed: Embed) -> dict[str, float]:
    """Cosines of the query with the product's names, and how much nearer an accessory of it would be.

    Args:
        query: its text.
        head: the word that names the asked thing.
    """
    opening = PHRASE_END.split(product.description, maxsplit=1)[0] or product.title
    asked = embed([query])[0]
    names = embed([product.title, opening, _without_brand(product)]) @ asked
    kinds = embed([f"{query} {kind}" for kind in _KINDS if kind not in query.split()])
    parts = [*name_parts(product.title, product.brand)[:6], *name_parts(opening, product.brand)[:6]]
    return {
        "nearest_name": float(names.max()),
        "nearest_part": _nearest(short_names(parts), asked, embed),
        "nearest_part_head": _nearest([part[-1] for part in parts], embed([head])[0], embed),
        "nearer_accessory_title": float((kinds @ embed([product.title])[0]).max() - names[0]),
        "nearer_accessory_opening": float((kinds @ embed([opening])[0]).max() - names[1]),
    }


def _nearest(texts: Sequence[str], asked: np.ndarray, embed: Embed) -> float:
    return float((embed(texts) @ asked).max()) if texts else nan


def _without_brand(product: Product) -> str:
    title, brand = product.title, product.brand
    bare = title[len(brand) :].strip() if brand and title.lower().startswith(brand.lower()) else title
    return bare or title
