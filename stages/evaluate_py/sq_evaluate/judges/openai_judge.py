"""A language model behind the OpenAI API."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import openai

from sq.v1.judgment_pb2 import (
    JUDGE_FAILURE_REASON_BUDGET,
    JUDGE_FAILURE_REASON_INVALID,
    JUDGE_FAILURE_REASON_REFUSED,
    JUDGE_FAILURE_REASON_UNAVAILABLE,
)
from sq.v1.product_pb2 import Product
from sq_evaluate.judge import Case, Judge, Outcome
from sq_evaluate.judges import prompt
from sq_evaluate.judges.openai_health import Answer, Health
from sq_handoff import Store
from sq_llm import (
    Budget,
    Calls,
    Limits,
    MalformedCompletionError,
    Paid,
    PaidAnswers,
    PaidModel,
    Usage,
    connect,
    estimate,
)
from sq_stagekit import InputError, Work

_BATCH_SIZE = 10
_CONCURRENCY = 8
# For the estimate that a call reserves in the budget until its usage is known.
_OUTPUT_TOKENS_PER_PRODUCT = 80
# Request timeout, conflict, too many requests: the same request may succeed later.
_TEMPORARY = (408, 409, 429)
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Settings:
    """The settings that the model's answers depend on."""

    model: str
    seed: int
    batch_size: int


@dataclass(frozen=True)
class Request:
    """One call: a query and a batch of its products. A case without products has one request with none.

    Attributes:
        last: true for the last request of its case.
    """

    case: Case
    products: tuple[Product, ...]
    last: bool
    body: dict

    @cached_property
    def estimate(self) -> Usage:
        text = json.dumps(self.body, ensure_ascii=False).encode()
        return estimate(text, _OUTPUT_TOKENS_PER_PRODUCT * len(self.products))


class OpenAiJudge(Judge):
    """Asks a model. Each call sends a batch of products of one query."""

    def __init__(self, model: PaidModel, settings: Settings, budget: Budget, calls: Calls, log: logging.Logger) -> None:
        self.name = f"openai/{settings.model}/{prompt.VERSION}"
        self._model = model
        self._settings = settings
        self._budget = budget
        self._calls = calls
        self._log = log

    @classmethod
    def of(cls, work: Work) -> OpenAiJudge:
        """The judge that the configuration describes.

        Raises:
            InputError: there is no API key, or the budget is in dollars and there is no price.
        """
        config, endpoint = work.config.openai, work.config.openai.endpoint
        price = endpoint.price if endpoint.HasField("price") else None
        settings = Settings(endpoint.model, endpoint.seed, config.batch_size or _BATCH_SIZE)
        store = Store.at(work.config.cache_uri) if work.config.cache_uri else work.scratch
        answers = PaidAnswers(store, buyer=f"{work.run_id}/{work.market}/{work.shard}")
        budget = Budget(Limits.of(work.config.budget, price, work.shard.index, work.shard.count))
        calls = Calls(budget, work.config.concurrency or _CONCURRENCY, work.check_stop)
        return cls(PaidModel(connect(endpoint, "openai.endpoint"), answers), settings, budget, calls, work.log)

    def judge(self, case: Case) -> list[Outcome]:
        return next(self.judge_all([case]))

    def judge_all(self, cases: Iterable[Case]) -> Iterator[list[Outcome]]:
        """The outcomes of each case, in order. Several calls run at once.

        Raises:
            InputError: the service refuses the key, the model or every request.
            TryAgainError: the service does not answer.
        """
        health = Health()
        outcomes: list[Outcome] = []
        requests = (request for case in cases for request in self._requests(case))
        try:
            for request, answer in self._calls.each(requests, self._answer):
                health.note(answer)
                outcomes += self._outcomes(request, answer)
                if request.last:
                    yield outcomes
                    outcomes = []
        finally:
            self._log_usage()
        health.check()

    def _requests(self, case: Case) -> Iterator[Request]:
        size = self._settings.batch_size
        starts = range(0, max(len(case.products), 1), size)
        for start in starts:
            products = case.products[start : start + size]
            yield Request(case, products, start == starts[-1], self._body(case, products))

    def _body(self, case: Case, products: tuple[Product, ...]) -> dict:
        return {
            "model": self._settings.model,
            "messages": prompt.messages(case.query, products),
            "response_format": prompt.RESPONSE_FORMAT,
            "temperature": 0,
            "seed": self._settings.seed,
        }

    def _answer(self, request: Request, may_call: bool) -> Answer:
        if not request.products:
            return Answer(content="{}")
        try:
            paid = self._model.ask(request.body, may_call=may_call)
        except openai.APIError as error:
            return _failed(error)
        except MalformedCompletionError as error:
            return Answer(failure=JUDGE_FAILURE_REASON_INVALID, detail=str(error), used=Usage(calls=1))
        return _read(paid) if paid else Answer(failure=JUDGE_FAILURE_REASON_BUDGET)

    def _outcomes(self, request: Request, answer: Answer) -> list[Outcome]:
        graded = prompt.read_answer(answer.content, len(request.products))
        return [
            self._outcome(request, product, answer, graded.get(number, "the answer does not contain this product"))
            for number, product in enumerate(request.products, start=1)
        ]

    def _outcome(self, request: Request, product: Product, answer: Answer, graded: prompt.Graded | str) -> Outcome:
        query_id = request.case.query.query_id
        if answer.failure:
            return self.failure(query_id, product.product_id, answer.failure, answer.detail)
        if isinstance(graded, str):
            return self.failure(query_id, product.product_id, JUDGE_FAILURE_REASON_INVALID, graded)
        return self.judgment(request.case, product, graded.grade, graded.reasons)

    def _log_usage(self) -> None:
        spent = self._budget.spent
        self._log.info(
            "model usage",
            extra={
                "judge": self.name,
                "calls": spent.calls,
                "input_tokens": spent.input_tokens,
                "cached_tokens": spent.cached_tokens,
                "output_tokens": spent.output_tokens,
                "usd": round(self._budget.usd, 6),
            },
        )


def _read(paid: Paid) -> Answer:
    if paid.completion.refused:
        detail = paid.completion.refusal
        return Answer(failure=JUDGE_FAILURE_REASON_REFUSED, detail=detail, used=paid.used, answered=True)
    return Answer(content=paid.completion.content, used=paid.used, answered=True)


def _failed(error: openai.APIError) -> Answer:
    """The answer for a call that failed. Raises InputError if every other call would fail the same way."""
    used = Usage(calls=1)
    match error:
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            raise InputError(
                "openai.endpoint.api_key",
                f"the service refuses the key (status {error.status_code})",
                "give a valid key",
            ) from error
        case openai.NotFoundError():
            raise InputError(
                "openai.endpoint",
                f"the model or the address does not exist: {error.message}",
                "correct model or base_url",
            ) from error
        case openai.APITimeoutError():
            return Answer(failure=JUDGE_FAILURE_REASON_UNAVAILABLE, detail="timeout", used=used)
        case openai.APIStatusError() if error.status_code in _TEMPORARY or error.status_code >= _SERVER_ERROR:
            detail = f"status {error.status_code}"
            return Answer(failure=JUDGE_FAILURE_REASON_UNAVAILABLE, detail=detail, used=used)
        case openai.APIConnectionError():
            return Answer(failure=JUDGE_FAILURE_REASON_UNAVAILABLE, detail="no connection", used=used)
        case openai.APIStatusError() if error.code == "content_filter":
            return Answer(failure=JUDGE_FAILURE_REASON_REFUSED, detail="content filter", used=used, answered=True)
    return Answer(failure=JUDGE_FAILURE_REASON_INVALID, detail=error.message, used=used)
