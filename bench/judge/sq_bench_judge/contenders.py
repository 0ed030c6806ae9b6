"""Who makes the calls: sq, which stores each answer, and plain loops over the same client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import openai

from sq_bench_judge.work import Asked
from sq_llm import Budget, Calls, Endpoint, Limits, PaidAnswers, PaidModel, Usage, place_at

Contender = Callable[[Endpoint, Sequence[Asked], int, Path], None]


@dataclass(frozen=True)
class _Answered:
    used: Usage


def sq(endpoint: Endpoint, asked: Sequence[Asked], at_once: int, folder: Path) -> None:
    """As the judge asks. Raises RuntimeError if a call was not made."""
    model = PaidModel(endpoint, PaidAnswers(place_at(str(folder)), "bench"), concurrency=at_once)

    async def answer(request: Asked, may_call: bool) -> _Answered:
        paid = await model.ask(request.body, request.size, may_call=may_call)
        return _Answered(paid.used)

    calls = Calls(Budget(Limits()), at_once, lambda: None, model.close)
    made = sum(answered.used.calls for _, answered in calls.each(asked, answer))
    if made != len(asked):
        raise RuntimeError(f"{made} calls were made for {len(asked)} requests")


def loop_over(transport: Callable[[], object]) -> Contender:
    """A plain loop over AsyncOpenAI with a semaphore. It stores nothing."""

    def contend(endpoint: Endpoint, asked: Sequence[Asked], at_once: int, _folder: Path) -> None:
        asyncio.run(_loop(endpoint, asked, at_once, transport))

    return contend


async def _loop(endpoint: Endpoint, asked: Sequence[Asked], at_once: int, transport: Callable[[], object]) -> None:
    free = asyncio.Semaphore(at_once)
    client = openai.AsyncOpenAI(api_key="k", base_url=endpoint.url, max_retries=0, http_client=transport())
    async with client:

        async def ask(request: Asked) -> None:
            async with free:
                await client.chat.completions.create(**request.body)

        await asyncio.gather(*map(ask, asked))


CONTENDERS: dict[str, Contender] = {
    "sq": sq,
    "AsyncOpenAI, httpx": loop_over(openai.DefaultAsyncHttpxClient),
    "AsyncOpenAI, aiohttp": loop_over(openai.DefaultAioHttpClient),
}
