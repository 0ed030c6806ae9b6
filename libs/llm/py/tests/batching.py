"""Many requests to a model that is asked in batches."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from asking import SIZE

from sq_llm import CallFailed, Form, Limits, Size, Usage

FORM = Form("translations", {"type": "object", "properties": {"translations": {"type": "array"}}})
BATCH = {"mode": "CALL_MODE_BATCH", "batch": {"max_requests": 10, "poll_seconds": 0.02}}


@dataclass(frozen=True)
class Asked:
    body: dict
    size: Size = SIZE


@dataclass(frozen=True)
class Answered:
    content: str | None
    used: Usage


def ask_all(asked, count=30, limits=None, check_stop=lambda: None):
    """What each request was answered, in order, and the budget. None where it was not asked, "!" where it failed."""
    budget = asked.endpoint.budget(limits or Limits())

    async def answer(request, may_call):
        try:
            paid = await asked.ask(request.body, request.size, may_call=may_call)
        except CallFailed as failed:
            return Answered("!" + str(failed.failure), failed.used)
        return Answered(paid.completion.content if paid else None, paid.used if paid else Usage())

    requests = (
        Asked(asked.endpoint.request("Translate.", json.dumps({"queries": [f"query {n}"]}), FORM)) for n in range(count)
    )
    calls = asked.calls(budget, 4, check_stop)
    return [given.content for _, given in calls.each(requests, answer)], budget


def bought(server):
    """How often each request was answered."""
    return Counter(call["request"] for call in server.calls if call["status"] == 200)


def statuses(server):
    return Counter(batch["status"] for batch in server.batches.all.values())
