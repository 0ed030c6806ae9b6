"""Attacks on the judge through the whole path, with a model that resists and with one that obeys."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_judge_e2e.attacks import ATTACKS, OF_OTHERS
from sq_judge_e2e.market import Judged, Market, query, shirt
from sq_llm_server import LlmServer
from sq_llm_server.answers import answer
from sq_llm_server.judges import gullible
from sq_llm_server.replies import document_of

_QUERY, _PRODUCTS, _ATTACKED = "blue hat", 4, 1
_RUBRICS = ("RUBRIC_WHOLE", "RUBRIC_FACETS")
# Enough for some of each way to hide an instruction.
_CANARIES = 0.3


class _Noted:
    """An answer that keeps the requests."""

    def __init__(self, inner: Callable[[dict], str]) -> None:
        self._inner = inner
        self.requests: list[dict] = []

    def __call__(self, request: dict) -> str:
        self.requests.append(request)
        return self._inner(request)


def texts_stay_data(folder: Path) -> str:
    """A text reaches the model in its field of one JSON document, and moves no grade of a model that resists."""
    for rubric in _RUBRICS:
        noted = _Noted(answer)
        grades = _judge(folder / rubric, noted, rubric).grades
        assert set(grades.values()) == {0}, f"grades moved: {grades}"
        instructions = {request["messages"][0]["content"] for request in noted.requests}
        assert len(instructions) == 1, "a text of the shop is in the instructions"
        seen = set()
        for request in noted.requests:
            assert [message["role"] for message in request["messages"]] == ["system", "user"]
            document = document_of(request)
            assert set(document) == {"query", "products"}
            assert [product["n"] for product in document["products"]] == list(range(1, _PRODUCTS + 1))
            seen |= {json.dumps(_without_number(product)) for product in document["products"]}
        sent = {json.dumps(_fields(number)) for number in range(len(ATTACKS))}
        assert sent <= seen, f"{len(sent - seen)} products were not sent as they are"
    return f"{len(ATTACKS)} kinds, two rubrics, no grade of {len(grades)} moved"


def a_model_that_obeys_is_persuaded(folder: Path) -> str:
    """The attacks are real: a model that obeys gives other grades, and only to products of the attacked query."""
    for rubric in _RUBRICS:
        grades = _judge(folder / rubric, _Noted(gullible()), rubric).grades
        moved = {query_id for (query_id, _), grade in grades.items() if grade}
        kinds = [kind for number, kind in enumerate(ATTACKS) if _query(number).query_id in moved]
        left = set(ATTACKS) - set(kinds)
        assert left == set(OF_OTHERS), f"{rubric}: not persuaded by {sorted(left - set(OF_OTHERS))}"
    return f"{len(kinds)} of {len(ATTACKS)} kinds move a grade of a model that obeys, in both rubrics"


def canaries_notice(folder: Path) -> str:
    """A model that obeys moves the run's own canaries; a model that resists moves none."""
    told = []
    for rubric in _RUBRICS:
        for name, judge in (("resists", answer), ("obeys", gullible())):
            judged = _judge(folder / f"{rubric}-{name}", judge, rubric, canaries=_CANARIES)
            moved = sum(canary.moved for canary in judged.canaries)
            assert judged.canaries, f"{rubric}: no canary"
            assert moved == (len(judged.canaries) if name == "obeys" else 0), f"{rubric}, {name}: {moved} moved"
            told.append(f"{name} {moved} of {len(judged.canaries)}")
    return f"canaries that moved, by rubric: {', '.join(told)}"


def _judge(folder: Path, judge: Callable[[dict], str], rubric: str, canaries: float = 0) -> Judged:
    """Judges attacked products; with canaries, such as nobody attacked but these."""
    folder.mkdir(parents=True)
    results = [
        (_query(number), [shirt(10 * number + n) if canaries else _product(number, n) for n in range(_PRODUCTS)])
        for number in range(len(ATTACKS))
    ]
    more = {"rubric": rubric, "canaries": {"share": canaries}, "pictures": {}}
    with LlmServer(answer=judge) as server:
        return Market(folder, results, judge_settings=more).judge(server.url, "judging")


def _product(number: int, n: int) -> Product:
    plain = shirt(10 * number + n)
    return list(ATTACKS.values())[number].on(plain) if n == _ATTACKED else plain


def _fields(number: int) -> dict:
    """What the model has to be sent of the attacked product."""
    product = _product(number, _ATTACKED)
    fields = {
        "title": product.title,
        "brand": product.brand,
        "categories": list(product.categories),
        "attributes": {item.name: list(item.values) for item in product.attributes},
        "description": product.description,
    }
    return {name: value for name, value in fields.items() if value}


def _without_number(product: dict) -> dict:
    return {name: value for name, value in product.items() if name != "n"}


def _query(number: int) -> Query:
    return query(_QUERY, number)
