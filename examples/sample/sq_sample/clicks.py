"""What customers of the British shop click: a log whose position bias and whose taste are known."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from sq_sample.products import Product, title
from sq_sample.searches import Search

QUERIES = 60
SEARCHES = 400
SHOWN = 10
# P(a position is looked at), from the first on.
EXAMINATION = tuple(round(place**-0.8, 4) for place in range(1, SHOWN + 1))
# P(a click | looked at), by how many of the words asked for the product misses.
ATTRACTION = (0.45, 0.12, 0.03)

_START = datetime(2026, 3, 2, tzinfo=UTC)
_DAYS = 14
# Further products that miss a word, among those that fit.
_MISSES = 5
# How far products move from one search to the next, in places.
_SHUFFLE = 2.5
_PARTS = ("brand", "category", "colour", "material", "gender")


def make_clicks(products: Sequence[Product], searches: Sequence[Search], random: Random) -> Iterator[dict]:
    """UBI documents: of the most frequent queries, what each search showed, and a click for each product clicked.

    The order moves between searches, as where a shop's ranking changes, so that position and product can be told apart.
    """
    for search in _frequent(searches):
        shelf = _shelf(products, search, random)
        for _ in range(SEARCHES):
            order = sorted(range(len(shelf)), key=lambda place: place + random.gauss(0, _SHUFFLE))[:SHOWN]
            yield from _search(search.text, [shelf[place] for place in order], search, random)


def misses(product: Product, search: Search) -> int:
    """How many of the parts asked for a product has not, at most 2."""
    wanted = [part for part in search.parts if part in _PARTS]
    return min(2, sum(getattr(product, part).en != getattr(search.product, part).en for part in wanted))


def _frequent(searches: Sequence[Search]) -> list[Search]:
    """One of each of the most frequent queries of plain parts."""
    plain = [
        search for search in searches if set(search.parts) <= set(_PARTS) and not search.synonym and not search.mistyped
    ]
    meaning = {search.text: search for search in plain}
    ranked = sorted(Counter(search.text for search in plain).items(), key=lambda item: (-item[1], item[0]))
    return [meaning[text] for text, _ in ranked[:QUERIES]]


def _shelf(products: Sequence[Product], search: Search, random: Random) -> list[Product]:
    """What is shown: the fitting products that search engines rank first, short titles, with some misses among them."""
    ranked = sorted(products, key=lambda product: (len(title(product, "en").split()), product.id))
    fitting = [product for product in ranked if misses(product, search) == 0][:SHOWN]
    others = [product for product in ranked if misses(product, search) > 0]
    shelf = list(fitting)
    for product in random.sample(others, _MISSES + SHOWN - len(fitting)):
        shelf.insert(random.randrange(len(shelf) + 1), product)
    return shelf


def _search(text: str, shown: Sequence[Product], search: Search, random: Random) -> Iterator[dict]:
    time = _START + timedelta(seconds=random.randrange(_DAYS * 86_400))
    identity = f"{random.getrandbits(64):016x}"
    common = {"application": "sample-shop", "query_id": identity, "client_id": f"client-{identity[:6]}"}
    yield {
        **common,
        "user_query": text,
        "object_id_field": "id",
        "query_response_hit_ids": [product.id for product in shown],
        "query_attributes": {},
        "timestamp": _written(time),
    }
    for place, product in enumerate(shown):
        if random.random() < EXAMINATION[place] * ATTRACTION[misses(product, search)]:
            time += timedelta(seconds=random.randrange(2, 40))
            yield {
                **common,
                "action_name": "click",
                "session_id": f"session-{identity}",
                "timestamp": _written(time),
                "user_query": text,
                "message_type": "CLICK_THROUGH",
                "event_attributes": {
                    "object": {"object_id": product.id, "object_id_field": "id"},
                    "position": {"ordinal": place},
                },
            }


def lines(documents: Iterator[dict]) -> Iterator[str]:
    return (json.dumps(document, ensure_ascii=False) for document in documents)


def _written(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.000Z"
