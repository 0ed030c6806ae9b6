"""Asks a model for the names of what queries mean: within a budget, several calls at once, and never twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sq.v1.diagnose_config_pb2 import VocabularyModel
from sq_diagnose import names
from sq_llm import CallFailed, Endpoint, Limits, PaidModel, Scope, Size, Usage, kept_answers, size_of
from sq_mechanisms import Asked, Market
from sq_stagekit import Work

FIELD = "vocabulary"
BATCH_SIZE = 20
CONCURRENCY = 4
_OUTPUT_TOKENS_PER_QUERY = 30
# Reasons why queries have no names yet, as the manifest lists them. The next run of the same work asks for them.
OVER_BUDGET = "NAMES_BUDGET"
UNAVAILABLE = "NAMES_UNAVAILABLE"


@dataclass(frozen=True)
class _Batch:
    asked: Sequence[Asked]
    request: dict[str, Any]
    size: Size


@dataclass(frozen=True)
class _Answer:
    """Attributes:
    open: why the batch has no answer yet; empty where it has one, or will never have one.
    problem: how the call failed.
    """

    text: str = ""
    open: str = ""
    problem: str = ""
    used: Usage = Usage()


def ask_names(config: VocabularyModel, asked: Sequence[Asked], market: Market, work: Work) -> dict[str, list[str]]:
    """Normalised phrases of the queries, and the names that a catalogue may use for them.

    Every answer is kept before it is used. Queries without an answer stand in `work.unfinished`, by queries.

    Raises:
        InputError: there is no key, a limit in dollars has no price, or the service refuses key, model or request.
        TryAgainError: the service answers no call.
        Stopped: SIGTERM came.
    """
    endpoint = Endpoint(config.endpoint, f"{FIELD}.endpoint")
    prices = {"price": endpoint.price, "reduced_price": endpoint.reduced_price}
    budget = endpoint.budget(Limits.of(config.budget, field=f"{FIELD}.budget", **prices))
    work.spend(budget)
    concurrency = config.concurrency or CONCURRENCY
    answers = kept_answers(config, work, f"{work.run_id}/{work.market}", f"{FIELD}.")
    model = PaidModel(endpoint, answers, concurrency=concurrency)
    calls = model.calls(budget, concurrency, work.check_stop)
    batches = list(_batches(asked, market.language, endpoint, config.batch_size or BATCH_SIZE))

    async def answer(batch: _Batch, may_call: bool) -> _Answer:
        return await _ask(model, batch, may_call)

    found: defaultdict[str, list[str]] = defaultdict(list)
    for done, (batch, given) in enumerate(calls.each(batches, answer), 1):
        work.progress(done, len(batches), unit="calls")
        if given.open:
            work.unfinished[given.open] += len(batch.asked)
        if given.problem:
            work.log.warning("the model gave no names", extra={"field": FIELD, "problem": given.problem})
        for phrase, others in names.read_names(given.text, batch.asked, market):
            found[phrase] += [name for name in others if name not in found[phrase]]
    model.health.check()
    return {phrase: others[: names.NAMES] for phrase, others in found.items()}


def _batches(asked: Sequence[Asked], language: str, endpoint: Endpoint, size: int) -> Iterator[_Batch]:
    told, wanted = names.instructions(language), [one for one in asked if one.content()]
    for first in range(0, len(wanted), size):
        batch = wanted[first : first + size]
        request = endpoint.request(told, names.document(batch), names.FORM)
        yield _Batch(batch, request, size_of(request, _OUTPUT_TOKENS_PER_QUERY * len(batch)))


async def _ask(model: PaidModel, batch: _Batch, may_call: bool) -> _Answer:
    """What the model says. A batch that it refuses has no names; nothing else of the stage depends on it."""
    try:
        paid = await model.ask(batch.request, batch.size, may_call=may_call)
    except CallFailed as error:
        passing = error.failure.scope is Scope.PASSING
        return _Answer(open=UNAVAILABLE if passing else "", problem=str(error.failure), used=error.used)
    if paid is None:
        return _Answer(open=OVER_BUDGET)
    return _Answer("" if paid.completion.refused else paid.completion.content, used=paid.used)
