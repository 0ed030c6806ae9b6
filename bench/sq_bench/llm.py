"""Calls of a model a second: sq_llm, which stores each answer, against a plain loop over the same client."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

from sq.v1.source_pb2 import OpenAiEndpoint, SecretSource
from sq_bench.llm_server import MEDIAN_SECONDS, SIGMA
from sq_bench.measure import Comparison, from_rates
from sq_handoff import Store
from sq_llm import Budget, Calls, Endpoint, Form, Limits, PaidAnswers, PaidModel, Size, Usage, size_of

CALLS = 3186
# Calls at once, with the pairs that are measured.
CONCURRENCY = {32: 3, 256: 5}
_FORM = Form("judgments", {"type": "object", "properties": {}, "required": [], "additionalProperties": False})
_KEY = "SQ_BENCH_KEY"


@dataclass(frozen=True)
class _Asked:
    body: dict[str, Any]
    size: Size


@dataclass(frozen=True)
class _Answered:
    used: Usage


def run(folder: Path) -> list[Comparison]:
    """Makes all comparisons of this part."""
    os.environ[_KEY] = "k"
    found = []
    with _server() as url:
        endpoint = Endpoint(OpenAiEndpoint(model="m", base_url=url, api_key=SecretSource(env=_KEY)), "bench")
        requests = [_asked(endpoint, number) for number in range(CALLS)]
        for concurrency, pairs in CONCURRENCY.items():
            places = [folder / f"{concurrency}-{pair}" for pair in range(pairs)]
            found += _of(concurrency, [_pair(endpoint, requests, concurrency, place) for place in places])
    return found


def _pair(endpoint: Endpoint, requests: Sequence[_Asked], concurrency: int, place: Path) -> tuple[float, float]:
    """Calls a second of ours and of the plain loop."""
    return (
        _rate(lambda: _ours(endpoint, requests, concurrency, place)),
        _rate(lambda: asyncio.run(_plain(endpoint, requests, concurrency))),
    )


def _of(concurrency: int, rates: list[tuple[float, float]]) -> list[Comparison]:
    ideal = concurrency / (MEDIAN_SECONDS * exp(SIGMA**2 / 2))
    return [
        from_rates(f"{concurrency} calls at once", "calls/s", "a plain loop over AsyncOpenAI", rates),
        from_rates(
            f"{concurrency} calls at once", "calls/s", "ideal: concurrency / mean wait", [(a, ideal) for a, _ in rates]
        ),
        from_rates(
            f"{concurrency} calls at once, the plain loop",
            "calls/s",
            "ideal: concurrency / mean wait",
            [(b, ideal) for _, b in rates],
        ),
    ]


def _asked(endpoint: Endpoint, number: int) -> _Asked:
    text = " ".join(random.Random(number).choices(["red", "shirt", "notebook", "sleeve", "15 inch", "cotton"], k=200))
    body = endpoint.request("Grade each product.", f"{number} {text}", _FORM)
    return _Asked(body, size_of(body, 80))


def _ours(endpoint: Endpoint, requests: Sequence[_Asked], concurrency: int, folder: Path) -> None:
    model = PaidModel(endpoint, PaidAnswers(Store.at(str(folder)), "bench"))

    async def answer(request: _Asked, may_call: bool) -> _Answered:
        paid = await model.ask(request.body, request.size, may_call=may_call)
        return _Answered(paid.used)

    calls = Calls(Budget(Limits()), concurrency, lambda: None, model.close)
    assert sum(answered.used.calls for _, answered in calls.each(requests, answer)) == CALLS


async def _plain(endpoint: Endpoint, requests: Sequence[_Asked], concurrency: int) -> None:
    free = asyncio.Semaphore(concurrency)
    async with endpoint.client() as client:

        async def ask(request: _Asked) -> None:
            async with free:
                await client.chat.completions.create(**request.body)

        await asyncio.gather(*map(ask, requests))


def _rate(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return CALLS / (time.perf_counter() - start)


@contextmanager
def _server() -> Iterator[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "sq_bench.llm_server"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
    finally:
        server.terminate()
        server.wait()
