"""Checks of kept answers, in a file of SQLite and in a Redis: later runs ask about what changed alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from redis_server import redis_server

from sq_judge_e2e.faults import CONCURRENCY, repeats_after_kills
from sq_judge_e2e.market import Market, query, shirt
from sq_llm_server import LlmServer
from sq_llm_server.answers import answer

PLACES = ("SQLite", "Redis")
_RESULTS = 10
_LATER = 100_000


@contextmanager
def places(name: str, folder: Path) -> Iterator[Callable[[int], str]]:
    """The URI of each of 16 places of a kind, by number."""
    if name == "SQLite":
        yield lambda number: str(folder / f"answers-{number}")
        return
    (folder / "redis").mkdir()
    with redis_server(folder / "redis") as server:
        yield lambda number: f"{server.url.removesuffix('/0')}/{number}"


def later_runs_ask_for_changes(folder: Path, queries: int, place: str) -> str:
    """A second run makes no call. After one of ten results of each query changed, those alone are asked about."""
    asked: list[str] = []

    def noted(request: dict) -> str:
        asked.extend(item["title"] for item in json.loads(request["messages"][-1]["content"])["products"])
        return answer(request)

    with places(place, folder) as uris, LlmServer(answer=noted) as server:
        settings = {"concurrency": CONCURRENCY, "cacheUri": uris(0)}
        first = _shop(folder / "first", queries, settings).judge(server.url, "judging", "monday")
        calls = len(server.calls)
        again = _shop(folder / "second", queries, settings).judge(server.url, "judging", "tuesday")
        assert len(server.calls) == calls, f"{len(server.calls) - calls} calls in the second run"
        assert again.usage.calls == 0, f"{again.usage.calls} calls are in the manifest of the second run"
        assert again.digest == first.digest, "the second run has another digest"
        asked.clear()
        third = _shop(folder / "third", queries, settings, changed=True).judge(server.url, "judging", "wednesday")
        made = len(server.calls) - calls
    changed = [_changed(number).title for number in range(queries)]
    assert sorted(asked) == sorted(changed), f"{len(asked)} pairs were asked about, of which {len(changed)} are new"
    assert made == third.usage.calls == queries, f"{made} calls for one changed result of each of {queries} queries"
    kept = first.grades.keys() & third.grades.keys()
    assert all(first.grades[pair] == third.grades[pair] for pair in kept), "a kept grade changed"
    pairs = queries * _RESULTS
    return f"{pairs} pairs in {calls} calls, then 0; with a tenth changed {made} calls about {len(asked)} pairs"


def kills_repeat_little(folder: Path, queries: int, kills: int, seed: int) -> str:
    """As with SQLite, in a Redis."""
    with places("Redis", folder) as uris:
        return repeats_after_kills(folder, queries, min(kills, 15), seed, uris)


def _shop(folder: Path, queries: int, settings: dict, changed: bool = False) -> Market:
    folder.mkdir()
    results = []
    for number in range(queries):
        products = [shirt(number + n) for n in range(_RESULTS)]
        if changed:
            products[number % _RESULTS] = _changed(number)
        results.append((query(f"red shirt {number}", number), products))
    return Market(folder, results, settings)


def _changed(number: int):
    return shirt(_LATER + number)
