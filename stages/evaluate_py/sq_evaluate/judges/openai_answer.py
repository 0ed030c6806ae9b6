"""The answer to a request for judgments: asked for again in smaller batches where it was cut off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sq.v1.judgment_pb2 import (
    JUDGE_FAILURE_REASON_BUDGET,
    JUDGE_FAILURE_REASON_INVALID,
    JUDGE_FAILURE_REASON_REFUSED,
    JUDGE_FAILURE_REASON_UNAVAILABLE,
    JudgeFailureReason,
    RequestPlace,
)
from sq.v1.product_pb2 import Product
from sq_evaluate.judges.asked import Asked
from sq_evaluate.judges.graded import Graded
from sq_evaluate.judges.rubric import Rubric
from sq_llm import Budget, CallFailed, Completion, Failure, Paid, PaidModel, Scope, Size, Usage, size_of

# Hexadecimal digits of a request's digest that tell requests apart.
_DIGITS = 16


@dataclass(frozen=True)
class Ungraded:
    """Why a product has no grade.

    Attributes:
        asked_again: by the next run, because there is no answer that could be kept.
    """

    reason: JudgeFailureReason
    detail: str
    asked_again: bool = False


Verdict = Graded | Ungraded
NO_BUDGET = Ungraded(JUDGE_FAILURE_REASON_BUDGET, "the budget ended before this pair", asked_again=True)


@dataclass(frozen=True)
class Answer:
    """Attributes:
    verdicts: one for each product of the request, in its order.
    used: by the first call; follow-up calls settle with the budget themselves.
    """

    verdicts: list[Verdict]
    used: Usage = Usage()


@dataclass(frozen=True)
class Question:
    """One call about some products of a query."""

    asked: Asked
    body: dict[str, Any]
    size: Size

    @property
    def products(self) -> Sequence[Product]:
        return self.asked.products


class Asker:
    """Asks a model about products of a query."""

    def __init__(self, model: PaidModel, budget: Budget, rubric: Rubric, picture_tokens: int = 0) -> None:
        """`picture_tokens`: input tokens that a picture costs."""
        self._picture_tokens = picture_tokens
        self._model = model
        self._budget = budget
        self._rubric = rubric

    def question(self, asked: Asked) -> Question:
        body = self._rubric.request(self._model.endpoint, asked)
        output_tokens = self._rubric.output_tokens * len(asked.products)
        return Question(asked, body, size_of(body, output_tokens, self._picture_tokens))

    async def answer(self, question: Question, may_call: bool) -> Answer:
        """The verdicts about all products of a question.

        Raises:
            InputError, TryAgainError: no call of the service is worth making.
        """
        try:
            paid = await self._model.ask(question.body, question.size, may_call=may_call)
        except CallFailed as error:
            return Answer(_all(question, ungraded(error.failure)), error.used)
        if paid is None:
            return Answer(_all(question, NO_BUDGET))
        return Answer(await self._verdicts(question, paid), paid.used)

    async def _verdicts(self, question: Question, paid: Paid) -> list[Verdict]:
        completion = paid.completion
        if completion.refused:
            return _all(question, declined(completion))
        graded = _placed(
            self._rubric.read_answer(completion.content, question.asked.query, question.products), question, paid
        )
        missing = [n for n in range(1, len(question.products) + 1) if n not in graded]
        if completion.cut_off and missing:
            graded |= dict(zip(missing, await self._rest(question, missing, completion), strict=True))
        return [_verdict(graded.get(n)) for n in range(1, len(question.products) + 1)]

    async def _rest(self, question: Question, missing: Sequence[int], completion: Completion) -> list[Verdict]:
        """The verdicts that an answer lacks because it was cut off, asked for in two halves."""
        if len(question.products) == 1:
            return [Ungraded(JUDGE_FAILURE_REASON_INVALID, self._too_long(completion))]
        half = (len(missing) + 1) // 2
        found: list[Verdict] = []
        for part in filter(None, (missing[:half], missing[half:])):
            products = tuple(question.products[n - 1] for n in part)
            found += await self._follow(self.question(replace(question.asked, products=products)))
        return found

    async def _follow(self, question: Question) -> list[Verdict]:
        reserved = self._budget.extend(question.size)
        answer = await self.answer(question, reserved is not None)
        if reserved is None:
            self._budget.add(answer.used)
        else:
            self._budget.settle(reserved, question.size, answer.used)
        return answer.verdicts

    def _too_long(self, completion: Completion) -> str:
        endpoint = self._model.endpoint
        reasoning = f", {completion.reasoning_tokens} of them reasoning" if completion.reasoning_tokens else ""
        return (
            f"the answer about one product exceeds {endpoint.max_output_tokens} tokens{reasoning}; "
            f"raise {endpoint.field}.max_output_tokens"
        )


def _placed(graded: dict[int, Graded | str], question: Question, paid: Paid) -> dict[int, Verdict | str]:
    """The grades with the place of each product in the request."""
    request, products = paid.digest[:_DIGITS], len(question.products)
    return {
        n: replace(one, asked=RequestPlace(request=request, place=n, products=products))
        if isinstance(one, Graded)
        else one
        for n, one in graded.items()
    }


def declined(completion: Completion) -> Ungraded:
    """Why products have no grade where the model declined."""
    refusal = completion.refusal or "a content filter rejected the request"
    return Ungraded(JUDGE_FAILURE_REASON_REFUSED, refusal)


def _all(question: Question, verdict: Ungraded) -> list[Verdict]:
    return [verdict] * len(question.products)


def ungraded(failure: Failure) -> Ungraded:
    """Why products have no grade after a call that failed."""
    if failure.refused:
        return Ungraded(JUDGE_FAILURE_REASON_REFUSED, str(failure), asked_again=True)
    passing = failure.scope is Scope.PASSING
    reason = JUDGE_FAILURE_REASON_UNAVAILABLE if passing else JUDGE_FAILURE_REASON_INVALID
    return Ungraded(reason, str(failure), asked_again=True)


def _verdict(graded: Verdict | str | None) -> Verdict:
    if isinstance(graded, str) or graded is None:
        return Ungraded(JUDGE_FAILURE_REASON_INVALID, graded or "the answer does not contain this product")
    return graded
