"""A model that answers each request once, however often the work is restarted."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import openai

from sq_llm.answers import PaidAnswers
from sq_llm.completion import Completion
from sq_llm.endpoint import Endpoint
from sq_llm.failure import CallFailed, Failure, MalformedCompletionError, Scope, classify
from sq_llm.health import Health
from sq_llm.usage import Size, Usage

_SERVICE_LENGTH = 12
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0


@dataclass(frozen=True)
class Paid:
    """An answer and what it cost this work; nothing if other work paid for it."""

    completion: Completion
    used: Usage


class PaidModel:
    """A model whose answers are stored."""

    def __init__(
        self,
        endpoint: Endpoint,
        answers: PaidAnswers,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.endpoint = endpoint
        self.health = Health(endpoint.field)
        self._answers = answers
        self._wait = wait
        # Two services may serve different models under the same name.
        self._service = hashlib.sha256(str(endpoint.client().base_url).encode()).hexdigest()[:_SERVICE_LENGTH]
        self._client: openai.AsyncOpenAI | None = None

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
        self._client = None

    async def _call(self, request: dict[str, Any], estimate: Usage) -> Completion:
        self._client = client = self._client or self.endpoint.client()
        used = Usage()
        for attempt in range(self.endpoint.max_retries + 1):
            try:
                answer = await client.chat.completions.with_raw_response.create(**request)
                completion = Completion.of(_body(answer.http_response), estimate)
            except (openai.APIError, MalformedCompletionError) as error:
                failure = self._failure(error)
                used += _used(error, estimate)
                if failure.scope is not Scope.PASSING or attempt == self.endpoint.max_retries:
                    raise CallFailed(failure, used) from error
                await self._wait(_seconds(attempt, error))
            else:
                return replace(completion, usage=used + completion.usage)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _failure(self, error: Exception) -> Failure:
        failure = classify(error, self.endpoint.field, self.endpoint.extra)
        return replace(failure, message=self.endpoint.without_key(failure.message))


def _body(response: Any) -> object:
    """The JSON of an answer, or its text where it is no JSON."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        return response.text


def _used(error: Exception, estimate: Usage) -> Usage:
    """A service that answers too late has done the work. One that answers with an error mostly charges nothing."""
    if isinstance(error, (openai.APITimeoutError, MalformedCompletionError)):
        return estimate
    return Usage(calls=1)


def _seconds(attempt: int, error: Exception) -> float:
    """How long to wait before the next attempt: as the service asks, otherwise longer each time, with jitter."""
    headers = error.response.headers if isinstance(error, openai.APIStatusError) else {}
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            asked = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        if asked >= 0:
            return min(asked, _LONGEST_WAIT)
    return min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT) * random.uniform(0.75, 1)


def _digest(request: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
