"""The log of a fortnight in the shape of User Behavior Insights (UBI): queries, and the events that follow them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from sq_sample.products import Product
from sq_sample.searches import Search, Shoppers

ROWS = 50_000
BROKEN_LINES = 25

_APPLICATION = "sample-shop"
_START = datetime(2026, 3, 2, tzinfo=UTC)
_DAYS = 14
_JUNK_SHARE = 0.008
_MISTYPED_SHARE = 0.012
_CLICK_SHARE = 0.35
_CART_SHARE = 0.2


@dataclass(frozen=True)
class QueryLog:
    """Lines of the two files of a log, without line ends, and the searches in them that are no junk."""

    queries: list[str]
    events: list[str]
    searches: list[Search]


def make_query_log(products: list[Product], random: Random) -> QueryLog:
    """ROWS queries in the order of their times; BROKEN_LINES further lines are no JSON."""
    shoppers = Shoppers(products, random)
    log = QueryLog([], [], [])
    for moment in sorted(random.randrange(_DAYS * 86_400_000) for _ in range(ROWS)):
        time = _START + timedelta(milliseconds=moment)
        search = None if random.random() < _JUNK_SHARE else shoppers.search()
        text = search.text if search else _junk(random)
        if search and "brand" not in search.parts and random.random() < _MISTYPED_SHARE:
            text = _mistype(text, random)
            search = replace(search, text=text, mistyped=text != search.text)
        query_id, client_id = _uuid(random), f"client-{random.randrange(8000):04d}"
        log.queries.append(_line(_query(query_id, client_id, text, time)))
        if search:
            log.searches.append(search)
        if search and not search.mistyped:
            log.events.extend(_line(event) for event in _events(query_id, client_id, search, time, random))
    for _ in range(BROKEN_LINES):
        log.queries.insert(random.randrange(len(log.queries)), _broken(random.choice(log.queries), random))
    return log


def _query(query_id: str, client_id: str, text: str, time: datetime) -> dict:
    return {
        "application": _APPLICATION,
        "query_id": query_id,
        "client_id": client_id,
        "user_query": text,
        "object_id_field": "id",
        "query_attributes": {},
        "timestamp": _written(time),
    }


def _events(query_id: str, client_id: str, search: Search, time: datetime, random: Random) -> Iterator[dict]:
    if random.random() >= _CLICK_SHARE:
        return
    actions = ["click"] + (["add_to_cart"] if random.random() < _CART_SHARE else [])
    position = min(int(random.expovariate(0.5)), 23)
    for action in actions:
        time += timedelta(milliseconds=random.randrange(1500, 40_000))
        yield {
            "application": _APPLICATION,
            "action_name": action,
            "query_id": query_id,
            "session_id": f"session-{query_id[:8]}",
            "client_id": client_id,
            "timestamp": _written(time),
            "user_query": search.text,
            "message_type": "CONVERSION" if action == "add_to_cart" else "CLICK_THROUGH",
            "message": None,
            "event_attributes": {
                "object": {"object_id": search.product.id, "object_id_field": "id"},
                "position": {"ordinal": position},
            },
        }


def _junk(random: Random) -> str:
    """What comes into every log and is no search for a product."""
    number = random.randrange(10**9)
    return random.choice(
        (
            f"https://example.com/item/{number}",
            f"someone{number}@example.com",
            "???",
            "!!!!",
            " ",
            "",
            f"0800 {number}",
            f"<script>alert({number})</script>",
            "x" * random.randrange(300, 600),
            "".join(random.choice("bcdfghjklmnpqrstvwxz") for _ in range(random.randrange(9, 14))),
        )
    )


def _mistype(text: str, random: Random) -> str:
    """Two letters of the longest word change places: rare enough, each of them, to stay in the tail."""
    word = max(text.split(), key=len)
    at = random.randrange(1, max(len(word) - 1, 2))
    mistyped = word[: at - 1] + word[at : at + 1] + word[at - 1] + word[at + 1 :]
    return text.replace(word, mistyped)


def _broken(line: str, random: Random) -> str:
    return random.choice((line[: len(line) // 2], "-- log rotated --", "[1, 2", '"user_query"'))


def _uuid(random: Random) -> str:
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def _written(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def _line(record: dict) -> str:
    return json.dumps(record, ensure_ascii=False)
