"""A language model behind the OpenAI API.

Calls overlap, and their outcomes are taken in the order of the requests. So is the budget: what call n may
still spend depends on the calls before n only, never on which answer came first, and a run that was stopped
and started again ends where an undisturbed one ends.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import openai
from openai.types.chat import ChatCompletion

from sq.v1.judgment_pb2 import (
    JUDGE_FAILURE_REASON_BUDGET,
    JUDGE_FAILURE_REASON_INVALID,
    JUDGE_FAILURE_REASON_REFUSED,
    JUDGE_FAILURE_REASON_UNAVAILABLE,
    JudgeFailureReason,
)
from sq.v1.product_pb2 import Product
from sq_evaluate.budget import Budget, Limits, Usage
from sq_evaluate.cache import PaidAnswers
from sq_evaluate.judge import Case, Judge, Outcome
from sq_evaluate.judges import prompt
from sq_handoff import Store
from sq_stagekit import InputError, TryAgainError, Work
from sq_stagekit.secrets import read_secret

_BATCH_SIZE = 10
_CONCURRENCY = 8
_TIMEOUT_SECONDS = 60.0
_MAX_RETRIES = 5
# Calls in a row without an answer after which going on is waste.
_GIVE_UP_AFTER = 20
# For the estimate that is set aside until a call's usage is known.
_BYTES_PER_TOKEN = 3
_OUTPUT_TOKENS_PER_PRODUCT = 80
# Request timeout, conflict, too many requests.
_MAY_PASS = (408, 409, 429)
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Settings:
    """How the model is called. Only what decides its answers is part of a request's digest."""

    model: str
    seed: int
    batch_size: int = _BATCH_SIZE
    concurrency: int = _CONCURRENCY


@dataclass(frozen=True)
class Request:
    """One call: a query and a batch of its products; none for a case without products.

    Attributes:
        last: of its case.
    """

    case: Case
    products: tuple[Product, ...]
    last: bool
    body: dict

    @cached_property
    def _text(self) -> bytes:
        return json.dumps(self.body, sort_keys=True, ensure_ascii=False).encode()

    @property
    def key(self) -> str:
        """sha256 (hexadecimal) of what is asked: the same question to the same model has one answer."""
        return hashlib.sha256(self._text).hexdigest()

    @property
    def estimate(self) -> Usage:
        return Usage(
            calls=1,
            input_tokens=len(self._text) // _BYTES_PER_TOKEN,
            output_tokens=_OUTPUT_TOKENS_PER_PRODUCT * len(self.products),
        )


@dataclass(frozen=True)
class Answer:
    """What came of a request: content, or why there is none.

    Attributes:
        used: counted against the budget; nothing for an answer that another piece of work paid for.
        answered: the service gave an answer, now or earlier, whatever it says.
    """

    content: str = ""
    failure: JudgeFailureReason = 0
    detail: str = ""
    used: Usage = Usage()
    answered: bool = False


@dataclass(frozen=True)
class _Pending:
    request: Request
    estimate: Usage
    answer: Future[Answer]


class _Health:
    """Whether the service answers at all."""

    def __init__(self) -> None:
        self._answered = False
        self._silent_in_a_row = 0
        self._complaint = ""

    def note(self, answer: Answer) -> None:
        """Raises TryAgainError after too many calls in a row that nobody answered."""
        if answer.answered:
            self._answered = True
            self._silent_in_a_row = 0
        elif answer.failure == JUDGE_FAILURE_REASON_UNAVAILABLE:
            self._silent_in_a_row += 1
        elif answer.failure != JUDGE_FAILURE_REASON_BUDGET:
            self._complaint = self._complaint or answer.detail
        if self._silent_in_a_row >= _GIVE_UP_AFTER:
            raise TryAgainError(
                f"{self._silent_in_a_row} calls in a row without an answer, the last: {answer.detail}; "
                "answers so far are kept"
            )

    def check(self) -> None:
        """Raises where not one call was answered: that is no result to publish."""
        if self._answered:
            return
        if self._complaint:
            raise InputError("openai.endpoint", self._complaint, "see what this model and service accept")
        if self._silent_in_a_row:
            raise TryAgainError("the model answered no call at all")


class OpenAiJudge(Judge):
    """Asks a model, a batch of products of one query with each call."""

    def __init__(
        self,
        client: openai.OpenAI,
        settings: Settings,
        answers: PaidAnswers,
        budget: Budget,
        log: logging.Logger,
        check_stop: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = f"openai/{settings.model}/{prompt.VERSION}"
        decisive = [self.name, settings.seed, settings.batch_size]
        self.digest = hashlib.sha256(json.dumps(decisive).encode()).hexdigest()
        self._client = client
        self._settings = settings
        self._answers = answers
        self._budget = budget
        self._log = log
        self._check_stop = check_stop

    @classmethod
    def of(cls, work: Work) -> OpenAiJudge:
        """The judge as configured.

        Raises:
            InputError: no API key, or a budget in dollars without a price.
        """
        config, endpoint = work.config.openai, work.config.openai.endpoint
        price = endpoint.price if endpoint.HasField("price") else None
        limits = Limits.of(work.config.budget, price, work.shard.index, work.shard.count)
        client = openai.OpenAI(
            api_key=read_secret(endpoint.api_key, "openai.endpoint.api_key", default_env="OPENAI_API_KEY"),
            base_url=endpoint.base_url or None,
            timeout=endpoint.timeout_seconds or _TIMEOUT_SECONDS,
            max_retries=endpoint.max_retries if endpoint.HasField("max_retries") else _MAX_RETRIES,
        )
        settings = Settings(
            model=endpoint.model,
            seed=endpoint.seed,
            batch_size=config.batch_size or _BATCH_SIZE,
            concurrency=work.config.concurrency or _CONCURRENCY,
        )
        store = Store.at(work.config.cache_uri) if work.config.cache_uri else work.scratch
        buyer = f"{work.run_id}/{work.market}/{work.shard}"
        return cls(client, settings, PaidAnswers(store, buyer), Budget(limits), work.log, work.check_stop)

    def judge(self, case: Case) -> list[Outcome]:
        return next(self.judge_all([case]))

    def judge_all(self, cases: Iterable[Case]) -> Iterator[list[Outcome]]:
        """The outcomes of each case, in order, several calls under way at once.

        Raises:
            InputError: the service refuses the key, the model or every request.
            TryAgainError: the service does not answer.
        """
        health = _Health()
        outcomes: list[Outcome] = []
        requests = (request for case in cases for request in self._requests(case))
        for request, answer in self._ask_all(requests):
            health.note(answer)
            outcomes += self._outcomes(request, answer)
            if request.last:
                yield outcomes
                outcomes = []
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

    def _ask_all(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        """Each request with its answer, in order; at most `concurrency` are under way."""
        calls = ThreadPoolExecutor(self._settings.concurrency, thread_name_prefix="openai")
        window: deque[_Pending] = deque()
        try:
            for request in requests:
                self._check_stop()
                if len(window) >= self._settings.concurrency:
                    yield self._settled(window.popleft())
                while not (granted := self._budget.reserve(request.estimate)) and window:
                    # Estimates run high: what calls under way really use may leave enough.
                    yield self._settled(window.popleft())
                answer = calls.submit(self._answer, request, may_call=granted)
                window.append(_Pending(request, request.estimate if granted else Usage(), answer))
            while window:
                yield self._settled(window.popleft())
        finally:
            # Answers under way are paid for: they are waited for, and so kept.
            calls.shutdown(cancel_futures=True)
            self._log_usage()

    def _settled(self, pending: _Pending) -> tuple[Request, Answer]:
        answer = pending.answer.result()
        self._budget.settle(pending.estimate, answer.used)
        return pending.request, answer

    def _answer(self, request: Request, *, may_call: bool) -> Answer:
        """The kept answer, or else one that is paid for and kept before anything is made of it."""
        if not request.products:
            return Answer(content="{}")
        kept = self._answers.get(request.key)
        if kept:
            return _read(kept.answer, free=kept.buyer != self._answers.buyer)
        if not may_call:
            return Answer(failure=JUDGE_FAILURE_REASON_BUDGET)
        try:
            completion = self._client.chat.completions.create(**request.body)
            answer = _to_keep(completion)
        except openai.APIError as error:
            return _failed(error)
        except (AttributeError, IndexError, TypeError, ValueError):
            return Answer(failure=JUDGE_FAILURE_REASON_INVALID, detail="no chat completion", used=Usage(calls=1))
        self._answers.put(request.key, answer)
        return _read(answer, free=False)

    def _outcomes(self, request: Request, answer: Answer) -> list[Outcome]:
        graded = prompt.read_answer(answer.content, len(request.products))
        return [
            self._outcome(request, product, answer, graded.get(number, "not in the answer"))
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


def _to_keep(completion: ChatCompletion) -> dict:
    """What is kept of an answer. Raises AttributeError, IndexError or TypeError where it is none."""
    choice, usage = completion.choices[0], completion.usage
    details = usage.prompt_tokens_details if usage else None
    return {
        "content": choice.message.content or "",
        "refusal": choice.message.refusal or "",
        "finish_reason": choice.finish_reason,
        "input_tokens": usage.prompt_tokens if usage else 0,
        "cached_tokens": (details.cached_tokens or 0) if details else 0,
        "output_tokens": usage.completion_tokens if usage else 0,
    }


def _read(kept: dict, *, free: bool) -> Answer:
    used = Usage(1, kept["input_tokens"], kept["cached_tokens"], kept["output_tokens"])
    if free:
        used = Usage()
    if kept["refusal"] or kept["finish_reason"] == "content_filter":
        return Answer(failure=JUDGE_FAILURE_REASON_REFUSED, detail=kept["refusal"], used=used, answered=True)
    return Answer(content=kept["content"], used=used, answered=True)


def _failed(error: openai.APIError) -> Answer:
    """A call that brought no answer. Raises InputError where no call ever will."""
    used = Usage(calls=1)
    match error:
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            raise InputError(
                "openai.endpoint.api_key", f"the service refuses it (status {error.status_code})", "give a valid key"
            ) from error
        case openai.NotFoundError():
            raise InputError(
                "openai.endpoint", f"no such model or address: {error.message}", "correct model or base_url"
            ) from error
        case openai.APITimeoutError():
            return Answer(failure=JUDGE_FAILURE_REASON_UNAVAILABLE, detail="timeout", used=used)
        case openai.APIStatusError() if error.status_code in _MAY_PASS or error.status_code >= _SERVER_ERROR:
            detail = f"status {error.status_code}"
            return Answer(failure=JUDGE_FAILURE_REASON_UNAVAILABLE, detail=detail, used=used)
        case openai.APIConnectionError():
            return Answer(failure=JUDGE_FAILURE_REASON_UNAVAILABLE, detail="no connection", used=used)
        case openai.APIStatusError() if error.code == "content_filter":
            return Answer(failure=JUDGE_FAILURE_REASON_REFUSED, detail="content filter", used=used, answered=True)
    return Answer(failure=JUDGE_FAILURE_REASON_INVALID, detail=error.message, used=used)
