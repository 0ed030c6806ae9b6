"""A model that answers each request once, however often the work is restarted."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import openai

from sq_llm.answers import PaidAnswers
from sq_llm.batch import Batches
from sq_llm.budget import Budget
from sq_llm.calls import Calls
from sq_llm.completion import Completion
from sq_llm.digest import digest_of
from sq_llm.endpoint import Endpoint
from sq_llm.failure import CallFailed, Failure, MalformedCompletionError, Scope, classify, has_no_room, is_unsent
from sq_llm.health import Health
from sq_llm.pace import Gate, Told
from sq_llm.pace.headers import retry_after
from sq_llm.usage import Size, Usage
from sq_stagekit.errors import Stopped

_LOG = logging.getLogger("sq")
_PATH = "/chat/completions"
_SERVICE_LENGTH = 12
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
# A gateway's page in place of an answer is asked for twice more: some gateways show one now and then, others always.
_MALFORMED_TRIES = 3
_FLEX = "flex"
# Requests that wait for batches at once. So many are in memory.
_IN_BATCHES = 50_000
_TOO_MANY, _SERVER_ERROR, _UNAVAILABLE, _OVERLOADED = 429, 500, 503, 529


@dataclass(frozen=True)
class Paid:
    """An answer, what it cost this work (nothing if other work paid for it), and the digest of its request."""

    completion: Completion
    used: Usage
    digest: str = ""


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
        self.health = Health(endpoint.field, patient=endpoint.mode == "batch")
        self._answers = answers
        self._wait = wait
        # Two services may serve different models under the same name.
        self._service = hashlib.sha256(endpoint.url.encode()).hexdigest()[:_SERVICE_LENGTH]
        self._client: openai.AsyncOpenAI | None = None
        self._pace = endpoint.pace(concurrency, time.monotonic())
        self._gate: Gate | None = None
        self._batches: Batches | None = None

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
        digest = digest_of(request)
        kept = await self._kept(f"{self._service}/{digest}")
        if kept is not None:
            self.health.answered()
            return replace(kept, digest=digest)
        try:
            if self.endpoint.mode == "batch":
                batches = self._through_batches()
                completion = await batches.ask(digest, _sent(request), size.estimate, may_call=may_call)
            else:
                completion = await self._call(request, size.estimate) if may_call else None
        except CallFailed as error:
            self.health.failed(error.failure)
            raise
        if completion is None:
            return None
        self.health.answered()
        if self.endpoint.mode != "batch":
            await self._answers.put(f"{self._service}/{digest}", completion)
        return Paid(completion, completion.usage, digest)

    def calls(self, budget: Budget, concurrency: int, check_stop: Callable[[], None]) -> Calls:
        """Overlapping calls of this model. In the mode batch, all requests overlap that the memory is for.

        Args:
            check_stop: raises Stopped after SIGTERM.
        """
        if self.endpoint.mode != "batch":
            return Calls(budget, concurrency, check_stop, self.close)

        def check() -> None:
            try:
                check_stop()
            except Stopped as stopped:
                raise self._stopped() from stopped

        # Nothing is lost with a request that waits: so a stop is at once.
        return Calls(budget, _IN_BATCHES, check, self.close, most_waiting=1, grace_share=0.0)

    async def _kept(self, key: str) -> Paid | None:
        async with self._through_batches().looking() if self.endpoint.mode == "batch" else nullcontext():
            kept = await self._answers.get(key)
        if kept is None:
            return None
        free = kept.buyer != self._answers.buyer
        return Paid(kept.completion, Usage() if free else kept.completion.usage)

    def _through_batches(self) -> Batches:
        self._client = self._client or self.endpoint.client()
        if self._batches is None:
            self._batches = Batches(self.endpoint, self._answers, self._service, self._client)
        return self._batches

    def _stopped(self) -> Stopped:
        ids = self._batches.ids if self._batches else []
        if not ids:
            return Stopped()
        going = f"batch {ids[0]} goes on" if len(ids) == 1 else f"batches {', '.join(ids)} go on"
        return Stopped(f"stopped by a signal; {going} at the service, and the same command collects the answers")

    async def close(self) -> None:
        """Closes the connections, which belong to one event loop. The next call opens new ones."""
        if self._batches is not None:
            await self._batches.close()
        if self._client is not None:
            await self._client.close()
        await self._answers.close()
        self._client = self._gate = self._batches = None

    async def _call(self, request: dict[str, Any], estimate: Usage) -> Completion:
        used, malformed, attempt = Usage(), 0, 0
        flex = self.endpoint.mode == _FLEX
        while True:
            try:
                completion = await self._attempt(request, estimate, flex)
            except (openai.APIError, MalformedCompletionError) as error:
                if flex and has_no_room(error):
                    _LOG.warning("the service has no room for flex; the call is made at the standard price")
                    flex, used = False, used + Usage(calls=1, fallbacks=1)
                    continue
                failure = self._failure(error)
                used += _used(error, estimate.at_reduced_price() if flex else estimate)
                malformed += isinstance(error, MalformedCompletionError)
                page = failure.scope is Scope.CALL and 0 < malformed < _MALFORMED_TRIES
                if not (page or failure.scope is Scope.PASSING) or attempt == self.endpoint.max_retries:
                    raise CallFailed(failure, used) from error
                await self._wait(_seconds(attempt, error))
                attempt += 1
            else:
                return replace(completion, usage=used + completion.usage)

    async def _attempt(self, request: dict[str, Any], estimate: Usage, flex: bool) -> Completion:
        """One call, when the pace allows it."""
        self._client = client = self._client or self.endpoint.client()
        self._gate = gate = self._gate or Gate(self._pace)
        body = _sent(request) | ({"service_tier": _FLEX} if flex else {})
        async with gate.passing(estimate.tokens) as call:
            try:
                # The typed method checks each field of a request against its types, which takes half of a call's work.
                answer = await client.post(_PATH, body=body, cast_to=httpx2.Response)
            except openai.APIError as error:
                # That flex has no room says nothing about the standard tier.
                call.told = Told() if flex and has_no_room(error) else _told(error)
                raise
            call.told = Told(headers=answer.headers)
            completion = Completion.of(_body(answer), estimate)
            call.told = Told(tokens=completion.usage.tokens, headers=answer.headers)
        # The service says in which tier it answered. One that does not say took the request as it was.
        if flex and completion.service_tier in ("", _FLEX):
            return replace(completion, usage=completion.usage.at_reduced_price())
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
    late = isinstance(error, openai.APITimeoutError) and not is_unsent(error)
    if late or isinstance(error, MalformedCompletionError):
        return estimate
    return Usage(calls=1)


def _seconds(attempt: int, error: Exception) -> float:
    """How long to wait before the next attempt: as the service asks, otherwise longer each time, with jitter."""
    asked = retry_after(error.response.headers) if isinstance(error, openai.APIStatusError) else None
    if asked is not None:
        return min(asked, _LONGEST_WAIT)
    return min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT) * random.uniform(0.75, 1)
