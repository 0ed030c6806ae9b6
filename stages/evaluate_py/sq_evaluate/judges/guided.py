"""Gives each case the guideline of its query, before anything is asked about its products."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sq.v1 import judgment_pb2
from sq.v1.judgment_pb2 import JUDGE_FAILURE_REASON_INVALID
from sq.v1.query_pb2 import Query
from sq_evaluate.judge import Case
from sq_evaluate.judges.asked import Asked
from sq_evaluate.judges.guideline import OUTPUT_TOKENS, UNWRITTEN, Guideline, GuidelineForm
from sq_evaluate.judges.openai_answer import NO_BUDGET, Ungraded, declined, ungraded
from sq_llm import CallFailed, Calls, Completion, PaidModel, Size, Usage, size_of

# Cases whose guidelines are asked for at once. The first are few, so that a small budget buys judgments too. It depends
# on nothing but the mode, because the budget decides by the order of the requests.
_FIRST_CASES, _MOST_CASES = 8, 1024
# Of a batch, which may take a day.
_CASES_OF_A_BATCH = 50_000


@dataclass(frozen=True)
class Guided:
    """Attributes:
    case: as it came.
    asked: what the model is asked about: no products where the model wrote no guideline.
    failed: why there is no guideline; None if there is one, or none is wanted.
    """

    case: Case
    asked: Asked
    failed: Ungraded | None = None


@dataclass(frozen=True)
class _Request:
    query: Query
    body: dict[str, Any]
    size: Size


@dataclass(frozen=True)
class _Answer:
    found: Guideline | Ungraded
    used: Usage


def unguided(cases: Iterable[Case]) -> Iterator[Iterator[Guided]]:
    """All cases at once, without guidelines."""
    yield (Guided(case, Asked(case.query, case.products)) for case in cases)


class Guidelines:
    """The guidelines of one work.

    Args:
        judge: its name, which the records have.
    """

    def __init__(self, model: PaidModel, calls: Calls, form: GuidelineForm, judge: str) -> None:
        self._model, self._calls, self._form, self._judge = model, calls, form, judge
        # By query id.
        self._known: dict[str, Guideline] = {}
        # Those that are in no artefact yet.
        self._new: set[str] = set()

    def remember(self, records: Iterable[judgment_pb2.Guideline]) -> None:
        """Takes those of an earlier work. A query that this judge asked for keeps its guideline."""
        self._known |= {record.query_id: Guideline.of(record) for record in records if record.judge == self._judge}

    def take(self, query_id: str) -> judgment_pb2.Guideline | None:
        """The record of a query's guideline, once; None if it has none, or an earlier work has it."""
        if query_id not in self._new:
            return None
        self._new.remove(query_id)
        return self._known[query_id].record(query_id, self._judge)

    def guided(self, cases: Iterable[Case]) -> Iterator[list[Guided]]:
        """The cases in their order, some at once, each with its guideline.

        Raises:
            InputError, TryAgainError: no call of the service is worth making.
        """
        coming = iter(cases)
        batched = self._model.endpoint.mode == "batch"
        count = _CASES_OF_A_BATCH if batched else _FIRST_CASES
        while some := list(islice(coming, count)):
            yield self._ask(some)
            count = count if batched else min(2 * count, _MOST_CASES)

    def _ask(self, cases: Sequence[Case]) -> list[Guided]:
        queries = (case.query for case in cases if case.products and case.query.query_id not in self._known)
        failed: dict[str, Ungraded] = {}
        for request, answer in self._calls.each(map(self._request, queries), self._answer):
            query_id = request.query.query_id
            if isinstance(answer.found, Ungraded):
                failed[query_id] = answer.found
            else:
                self._known[query_id] = answer.found
                self._new.add(query_id)
        return [self._guided(case, failed.get(case.query.query_id)) for case in cases]

    def _guided(self, case: Case, failed: Ungraded | None) -> Guided:
        if failed is NO_BUDGET:
            # Nothing is sent any more. The budget counts these requests too, to name one that suffices.
            return Guided(case, Asked(case.query, case.products, UNWRITTEN), failed)
        if failed:
            return Guided(case, Asked(case.query, ()), failed)
        return Guided(case, Asked(case.query, case.products, self._known.get(case.query.query_id)))

    def _request(self, query: Query) -> _Request:
        body = self._form.request(self._model.endpoint, query)
        return _Request(query, body, size_of(body, OUTPUT_TOKENS))

    async def _answer(self, request: _Request, may_call: bool) -> _Answer:
        try:
            paid = await self._model.ask(request.body, request.size, may_call=may_call)
        except CallFailed as error:
            return _Answer(_of_the_guideline(ungraded(error.failure)), error.used)
        if paid is None:
            return _Answer(NO_BUDGET, Usage())
        return _Answer(self._read(paid.completion), paid.used)

    def _read(self, completion: Completion) -> Guideline | Ungraded:
        found = self._form.read(completion)
        if isinstance(found, Guideline):
            return found
        if completion.refused:
            return _of_the_guideline(declined(completion))
        if completion.cut_off:
            endpoint = self._model.endpoint
            found = f"the answer exceeds {endpoint.max_output_tokens} tokens; raise {endpoint.field}.max_output_tokens"
        return _of_the_guideline(Ungraded(JUDGE_FAILURE_REASON_INVALID, found))


def _of_the_guideline(failed: Ungraded) -> Ungraded:
    return replace(failed, detail=f"the query's guideline: {failed.detail}")
