"""The guidelines of queries that are kept, and the requests for those that a run will ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sq_evaluate.judges.asked import Asked
from sq_evaluate.judges.guideline import UNWRITTEN, Guideline, GuidelineForm
from sq_llm import Endpoint, PaidAnswers, PaidModel, size_of
from sq_llm.digest import digest_of

# Reads of the store of answers at once.
_READS = 32
Body = Mapping[str, Any]


@dataclass(frozen=True)
class Guided:
    """Attributes:
    asked: what the judge is asked about, with guidelines.
    new: requests for guidelines that are not kept; equal ones once.
    """

    asked: Sequence[Asked]
    new: Sequence[Body] = ()


def guided(
    asked: Sequence[Asked], endpoint: Endpoint, form: GuidelineForm | None, answers: PaidAnswers | None
) -> Guided:
    """Adds guidelines: those of `answers`, which is never written to, and others of the usual length.

    Args:
        form: None where the judge asks for none.
        answers: None if none is kept.
    """
    if form is None:
        return Guided(asked)
    requests = [form.request(endpoint, one.query) if one.products else {} for one in asked]
    digests = [digest_of(request) if request else "" for request in requests]
    bodies = {digest: request for digest, request in zip(digests, requests, strict=True) if request}
    kept = asyncio.run(_kept(bodies, endpoint, form, answers)) if answers else {}
    found = [kept.get(digest, UNWRITTEN) if digest else None for digest in digests]
    return Guided(
        # Without a guideline, no product of the query is asked about.
        [
            replace(one, products=one.products if guideline else (), guideline=guideline)
            for one, guideline in zip(asked, found, strict=True)
        ],
        [body for digest, body in bodies.items() if digest not in kept],
    )


async def _kept(
    bodies: Mapping[str, dict[str, Any]], endpoint: Endpoint, form: GuidelineForm, answers: PaidAnswers
) -> dict[str, Guideline | None]:
    """Those that are kept, by digest of their request; None for an answer without a guideline."""
    model, gate = PaidModel(endpoint, answers), asyncio.Semaphore(_READS)
    found: dict[str, Guideline | None] = {}

    async def one(digest: str, body: dict[str, Any]) -> None:
        async with gate:
            paid = await model.ask(body, size_of(body, 0), may_call=False)
        if paid is not None:
            read = form.read(paid.completion)
            found[digest] = read if isinstance(read, Guideline) else None

    try:
        await asyncio.gather(*(one(digest, body) for digest, body in bodies.items()))
    finally:
        await model.close()
    return found
