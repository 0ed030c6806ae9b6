"""A model that answers each request once, however often the work is restarted."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import openai

from sq_llm.answers import PaidAnswers
from sq_llm.completion import Completion
from sq_llm.endpoint import Endpoint
from sq_llm.failure import CallFailed, Failure, MalformedCompletionError, Scope, classify
from sq_llm.health import Health
from sq_llm.pace import Gate, Told
from sq_llm.pace.headers import retry_after
from sq_llm.usage import Size, Usage

_PATH = "/chat/completions"
_SERVICE_LENGTH = 12
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
# A gateway's page in place of an answer is asked for twice more: some gateways show one now and then, others always.
_MALFORMED_TRIES = 3
_TOO_MANY, _SERVER_ERROR, _UNAVAILABLE, _OVERLOADED = 429, 500, 503, 529


@dataclass(frozen=True)
class Paid:
    """An answer and what it cost this work; nothing if other work paid for it."""

    completion: Completion
    used: Usage


class PaidModel:
    """A model whose answers are stored.

    Args:
        concurrency: most calls at once. How many there are within this bound follows from how the service answers.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        answers: PaidAnswers,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        concurrency: int = 1000,
    ) -> None:
        self.endpoint = endpoint
        self.health = Health(endpoint.field)
        self._answers = answers
        self._wait = wait
        # Two services may serve different models under the same name.
        self._service = hashlib.sha256(endpoint.url.encode()).hexdigest()[:_SERVICE_LENGTH]
        self._client: openai.AsyncOpenAI | None = None
        self._pace = endpoint.pace(concurrency, time.monotonic())
        self._gate: Gate | None = None

    async def ask(self, request: dict[str, Any], size: Size, *, may_call: bool) -> Paid | None:
        """The stored answer; without one, calls the model and stores its answer before returning it.

        Args:
            request: the arguments of a chat completion. Equal requests to a service have the same answer.
            size: of the request.
            may_call: whether the budget allows a call.

        Returns:
            None if no answer is stored and the budget does not allow a call.

        Raises:
            CallFailed: the service gave no answer, after retries where the reason may pass.
            InputError, TryAgainError: as Health, for failures after which no call is worth making.
        """
        key = f"{self._service}/{_digest(request)}"
        kept = await self._answers.get(key)
        if kept is not None:
            self.health.answered()
            free = kept.buyer != self._answers.buyer
            return Paid(kept.completion, Usage() if free else kept.completion.usage)
        if not may_call:
            return None
        try:
            completion = await self._call(request, size.estimate)
        except CallFailed as error:
            self.health.failed(error.failure)
            raise
        self.health.answered()
        await self._answers.put(key, completion)
        return Paid(completion, completion.usage)

    async def close(self) -> None:
        """Closes the connections, which belong to one event loop. The next call opens new ones."""
        if self._client is not None:
            await self._client.close()
        await self._answers.close()
        self._client = self._gate = None

    async def _call(self, request: dict[str, Any], estimate: Usage) -> Completion:
        used, malformed = Usage(), 0
        for attempt in range(self.endpoint.max_retries + 1):
            try:
                completion = await self._attempt(request, estimate)
            except (openai.APIError, MalformedCompletionError) as error:
                failure = self._failure(error)
                used += _used(error, estimate)
                malformed += isinstance(error, MalformedCompletionError)
                page = failure.scope is Scope.CALL and 0 < malformed < _MALFORMED_TRIES
                if not (page or failure.scope is Scope.PASSING) or attempt == self.endpoint.max_retries:
                    raise CallFailed(failure, used) from error
                await self._wait(_seconds(attempt, error))
            else:
                return replace(completion, usage=used + completion.usage)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _attempt(self, request: dict[str, Any], estimate: Usage) -> Completion:
        """One call, when the pace allows it."""
        self._client = client = self._client or self.endpoint.client()
        self._gate = gate = self._gate or Gate(self._pace)
        async with gate.passing(estimate.tokens) as call:
            try:
                # The typed method checks each field of a request against its types, which takes half of a call's work.
                answer = await client.post(_PATH, body=_sent(request), cast_to=httpx2.Response)
            except openai.APIError as error:
                call.told = _told(error)
                raise
            call.told = Told(headers=answer.headers)
            completion = Completion.of(_body(answer), estimate)
            call.told = Told(tokens=completion.usage.tokens, headers=answer.headers)
            return completion

    def _failure(self, error: Exception) -> Failure:
        failure = classify(error, self.endpoint.field, self.endpoint.extra)
        return replace(failure, message=self.endpoint.without_key(failure.message))


def _sent(request: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent: the fields of the API, and those of the configuration's `extra`."""
    return {name: value for name, value in request.items() if name != "extra_body"} | request.get("extra_body", {})


def _body(response: httpx2.Response) -> object:
    """The JSON of an answer, or its text where it is no JSON."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        return response.text


def _told(error: openai.APIError) -> Told:
    """What a failed call says about the service. A refusal of this call alone is an answer like any other."""
    if not isinstance(error, openai.APIStatusError):
        return Told(failed=True)
    status = error.status_code
    return Told(
        overloaded=status in (_TOO_MANY, _UNAVAILABLE, _OVERLOADED),
        failed=status >= _SERVER_ERROR,
        headers=error.response.headers,
    )


def _used(error: Exception, estimate: Usage) -> Usage:
    """A service that answers too late has done the work. One that answers with an error mostly charges nothing."""
    if isinstance(error, (openai.APITimeoutError, MalformedCompletionError)):
        return estimate
    return Usage(calls=1)


def _seconds(attempt: int, error: Exception) -> float:
    """How long to wait before the next attempt: as the service asks, otherwise longer each time, with jitter."""
    asked = retry_after(error.response.headers) if isinstance(error, openai.APIStatusError) else None
    if asked is not None:
        return min(asked, _LONGEST_WAIT)
    return min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT) * random.uniform(0.75, 1)


def _digest(request: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
