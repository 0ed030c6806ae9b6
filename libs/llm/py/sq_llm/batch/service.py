"""The service's files and batches, called until they answer."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import openai
from openai.types import Batch, FileObject

from sq_llm.batch.line import URL
from sq_llm.batch.records import BatchRecord
from sq_llm.endpoint import Endpoint
from sq_llm.failure import Failure, Scope, classify
from sq_llm.pace.headers import retry_after
from sq_stagekit import InputError, TryAgainError

_LOG = logging.getLogger("sq")
# A file of 200 MB, or its answers.
_FILE_SECONDS = 900.0
_NAME = "sq_batch"
# A batch that is older than what looks for it, by the clocks of two machines.
_SLACK_SECONDS = 3600
# After a crash, the service may still be creating the batch that was asked for last.
_SETTLE_SECONDS = 5.0
_TRIES = 20
_LONGEST_WAIT = 60.0
_NO_SUCH = frozenset({404, 405})
_ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
T = TypeVar("T")


class BatchService:
    """Calls that fail for a reason that may pass are repeated.

    Each method raises InputError if the service refuses, and TryAgainError if it does not answer.

    Args:
        client: belongs to the event loop of the calls.
    """

    def __init__(self, endpoint: Endpoint, client: openai.AsyncOpenAI) -> None:
        self._endpoint = endpoint
        self._client = client
        self._poll_seconds = endpoint.batch.poll_seconds
        self._began = time.monotonic()

    async def create(self, record: BatchRecord, data: io.BytesIO) -> str:
        """Uploads a file and creates its batch. Returns the service's id of the batch."""

        async def upload() -> FileObject:
            data.seek(0)
            file = (f"{record.name}.jsonl", data)
            return await self._client.files.create(file=file, purpose="batch", timeout=_FILE_SECONDS)

        uploaded = await self._persist(upload)
        tries = 0

        async def once() -> str:
            nonlocal tries
            tries += 1
            # A call that got no answer may have arrived all the same.
            if tries > 1 and (found := await self._named(record)):
                return found
            batch = await self._client.batches.create(
                input_file_id=uploaded.id, endpoint=URL, completion_window="24h", metadata={_NAME: record.name}
            )
            return batch.id

        return await self._persist(once)

    async def find(self, record: BatchRecord) -> str:
        """The id of the batch that an earlier attempt wanted to create; "" if it did not come to that."""
        await asyncio.sleep(min(_SETTLE_SECONDS, max(0.0, record.written + _SETTLE_SECONDS - time.time())))
        return await self._persist(lambda: self._named(record))

    async def await_end(self, record: BatchRecord) -> Batch:
        """The batch, when the service does no more about it."""
        shown = None
        while True:
            batch = await self._persist(lambda: self._client.batches.retrieve(record.batch_id))
            if batch.status in _ENDED:
                return batch
            counts = batch.request_counts
            if counts and shown not in (None, counts.completed):
                done = f"{counts.completed} of {counts.total}"
                _LOG.info("batch in progress", extra={"batch": batch.id, "done": done})
            shown = counts.completed if counts else None
            limit = self._endpoint.batch.max_wait_seconds
            if limit and time.monotonic() - self._began > limit:
                raise TryAgainError(
                    f"{self._endpoint.field}: batch {batch.id} is {batch.status} after the {limit:g} seconds of "
                    "batch.max_wait_seconds; it goes on, and the same command collects its answers"
                )
            await asyncio.sleep(self._poll_seconds)

    async def files(self, batch: Batch) -> list[bytes]:
        """Output and errors of a batch, as far as the service has them."""
        ids = [file_id for file_id in (batch.output_file_id, batch.error_file_id) if file_id]
        found = [await self._persist(lambda file_id=file_id: self._content(file_id)) for file_id in ids]
        for file_id, data in zip(ids, found, strict=True):
            if data is None:
                _LOG.warning("the service lost a file of a batch", extra={"batch": batch.id, "file": file_id})
        return [data for data in found if data is not None]

    async def _content(self, file_id: str) -> bytes | None:
        try:
            return (await self._client.files.content(file_id, timeout=_FILE_SECONDS)).content
        except openai.NotFoundError:
            return None

    async def _named(self, record: BatchRecord) -> str:
        try:
            async for batch in self._client.batches.list(limit=100):
                if (batch.metadata or {}).get(_NAME) == record.name:
                    return batch.id
                if batch.created_at < record.written - _SLACK_SECONDS:
                    break
        except openai.NotFoundError:
            # A service without a list of batches.
            return ""
        return ""

    async def _persist(self, call: Callable[[], Awaitable[T]]) -> T:
        for attempt in range(_TRIES):
            try:
                return await call()
            except openai.APIError as error:
                failure = classify(error, self._endpoint.field, self._endpoint.extra)
                told = self._endpoint.without_key(str(failure))
                if failure.scope is not Scope.PASSING:
                    raise self._refused(failure, told) from error
                if attempt == _TRIES - 1:
                    raise TryAgainError(
                        f"{self._endpoint.field}: {_TRIES} calls about a batch got no answer, the last: {told}; "
                        "batches that were submitted go on, and the same command collects their answers"
                    ) from error
                asked = retry_after(error.response.headers) if isinstance(error, openai.APIStatusError) else None
                usual = min(self._poll_seconds * 2 ** min(attempt, 6), _LONGEST_WAIT)
                await asyncio.sleep(usual if asked is None else asked)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _refused(self, failure: Failure, told: str) -> InputError:
        if failure.status in _NO_SUCH:
            problem = f"the service does not have this batch, or no Batch API: {told}"
            fix = "use the key of the project that submitted the batch, or leave out mode"
            return InputError(f"{self._endpoint.field}.mode", problem, fix)
        setting = f"{self._endpoint.field}.{failure.setting}" if failure.setting else f"{self._endpoint.field}.mode"
        fix = failure.fix or "correct what the service does not accept, or leave out mode"
        return InputError(setting, f"the service refuses a batch with {told}", fix)
