"""Attacks on the judge through the whole path, with a model that resists and with one that obeys."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from sq.v1.query_pb2 import Query
from sq_judge_e2e.attacks import ATTACKS
from sq_judge_e2e.market import Market, query, shirt
from sq_llm_server import LlmServer
from sq_llm_server.answers import answer
from sq_llm_server.judges import gullible

_QUERY, _PRODUCTS, _ATTACKED = "blue hat", 4, 1


class _Noted:
    """An answer that keeps the requests."""

    def __init__(self, inner: Callable[[dict], str]) -> None:
        self._inner = inner
        self.requests: list[dict] = []

    def __call__(self, request: dict) -> str:
        self.requests.append(request)
        return self._inner(request)


def texts_stay_data(folder: Path) -> str:
    """A text reaches the model as one field of one JSON document, and moves no grade of a model that resists."""
    noted = _Noted(answer)
    grades = _judge(folder / "resists", noted)
    assert set(grades.values()) == {0}, f"grades moved: {grades}"
    instructions = {request["messages"][0]["content"] for request in noted.requests}
    assert len(instructions) == 1, "a text of the shop is in the instructions"
    seen = set()
    for request in noted.requests:
        assert [message["role"] for message in request["messages"]] == ["system", "user"]
        document = json.loads(request["messages"][1]["content"])
        assert [product["n"] for product in document["products"]] == list(range(1, _PRODUCTS + 1))
        seen.add(document["products"][_ATTACKED]["description"])
    assert seen == set(ATTACKS.values())
    return f"{len(ATTACKS)} kinds, no grade of {len(grades)} moved"


def a_model_that_obeys_is_persuaded(folder: Path) -> str:
    """The attacks are real: a model that obeys gives other grades, and only to products of the attacked query."""
    grades = _judge(folder / "obeys", _Noted(gullible()))
    moved = {query_id for (query_id, _), grade in grades.items() if grade}
    kinds = [kind for number, kind in enumerate(ATTACKS) if _query(number).query_id in moved]
    slander = "slander of others"  # it asks for the lowest grade, which the others have
    assert set(ATTACKS) - set(kinds) == {slander}, f"not persuaded by {sorted(set(ATTACKS) - set(kinds))}"
    return f"{len(kinds)} of {len(ATTACKS)} kinds move a grade of a model that obeys"


def _judge(folder: Path, judge: Callable[[dict], str]) -> dict[tuple[str, str], int]:
    folder.mkdir()
    results = []
    for number, text in enumerate(ATTACKS.values()):
        products = [shirt(10 * number + n, text if n == _ATTACKED else "") for n in range(_PRODUCTS)]
        results.append((_query(number), products))
    with LlmServer(answer=judge) as server:
        return Market(folder, results).judge(server.url, "judging").grades


def _query(number: int) -> Query:
    return query(_QUERY, number)
