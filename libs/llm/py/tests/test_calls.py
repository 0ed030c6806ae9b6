"""Overlapping calls: their order, the budget, and a stop."""

import asyncio
import time
from dataclasses import dataclass

import pytest

from sq.v1.source_pb2 import Price
from sq_llm import Budget, Calls, Limits, Size, Usage
from sq_stagekit.errors import Stopped


@dataclass(frozen=True)
class Asked:
    number: int
    size: Size = Size(900, 100)


@dataclass(frozen=True)
class Answered:
    number: int
    granted: bool
    used: Usage = Usage()


def numbers(calls, count, answer):
    return [result.number for _, result in calls.each(map(Asked, range(count)), answer)]


def test_answers_come_in_order_whichever_is_ready_first():
    async def scenario():
        return asyncio.Event()

    last = asyncio.run(scenario())

    async def answer(request, granted):
        # The first of four waits for the last one: so they really overlap.
        if request.number == 0:
            await asyncio.wait_for(last.wait(), 10)
        if request.number == 3:
            last.set()
        return Answered(request.number, granted)

    assert numbers(Calls(Budget(Limits()), 4, lambda: None), 4, answer) == [0, 1, 2, 3]


def test_a_slow_call_holds_up_no_other():
    ended = []

    async def answer(request, granted):
        if request.number == 0:
            while len(ended) < 12:
                await asyncio.sleep(0.005)
        ended.append(request.number)
        return Answered(request.number, granted)

    assert numbers(Calls(Budget(Limits()), 3, lambda: None), 13, answer) == list(range(13))
    assert ended[-1] == 0


def test_a_first_call_that_is_slower_than_all_that_may_wait_for_it_ends_no_others():
    ended = []

    async def answer(request, granted):
        # While it runs, so many others end that no more may start.
        while request.number == 0 and len(ended) < 2 * 8 - 1:
            await asyncio.sleep(0.005)
        ended.append(request.number)
        return Answered(request.number, granted)

    assert numbers(Calls(Budget(Limits()), 2, lambda: None), 100, answer) == list(range(100))


def spend(limits, concurrency, usages, most_output):
    """What calls that use `usages` spend, and which were made."""
    budget = Budget(limits, 1, most_output)

    async def answer(request, granted):
        await asyncio.sleep(0.002 * (7 * request.number % 5))
        return Answered(request.number, granted, usages[request.number] if granted else Usage())

    calls = Calls(budget, concurrency, lambda: None)
    made = [result.number for _, result in calls.each(map(Asked, range(len(usages))), answer) if result.granted]
    return budget, made


@pytest.mark.parametrize("concurrency", [1, 8, 32])
@pytest.mark.parametrize(
    "limits", [Limits(calls=23), Limits(tokens=9000), Limits(usd=0.02, price=Price(input=1, output=4))]
)
def test_a_budget_binds_whatever_the_concurrency(concurrency, limits):
    # Answers differ in length by a factor of 20, and some are as long as the limit allows.
    usages = [Usage(1, 300, 0, 25 + 475 * (number % 20 == 7) + number % 13) for number in range(100)]
    budget, made = spend(limits, concurrency, usages, 500)
    assert budget.ended
    # The calls that were made are the first ones, by a rule that knows no timing.
    alone = spend(limits, 1, usages, 500)[1]
    assert made == alone == list(range(len(made)))
    dearest = max(usages, key=lambda usage: usage.output_tokens)
    assert not limits.allow(budget.spent + dearest)
    assert limits.allow(budget.spent - dearest)


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_budget_of_calls_is_met_exactly(concurrency):
    budget, made = spend(Limits(calls=5), concurrency, [Usage(1, 300, 0, 30)] * 9, 500)
    assert (made, budget.spent.calls) == ([0, 1, 2, 3, 4], 5)


def test_a_stop_waits_for_calls_in_progress_but_not_beyond_the_grace(monkeypatch):
    monkeypatch.setenv("SQ_GRACE_SECONDS", "1")
    ended, looks = [], []

    async def answer(request, granted):
        await asyncio.sleep(0.2 if request.number else 60)
        ended.append(request.number)
        return Answered(request.number, granted)

    def stop():
        looks.append(1)
        if len(looks) == 2:
            raise Stopped

    began = time.monotonic()
    with pytest.raises(Stopped):
        numbers(Calls(Budget(Limits()), 4, stop), 9, answer)
    assert sorted(ended) == [1, 2, 3]
    assert time.monotonic() - began < 10


def test_what_a_call_raises_ends_the_others():
    async def answer(request, granted):
        if request.number == 2:
            raise ValueError("no")
        return Answered(request.number, granted)

    with pytest.raises(ValueError, match="no"):
        numbers(Calls(Budget(Limits()), 4, lambda: None), 100, answer)
