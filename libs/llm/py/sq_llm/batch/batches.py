"""Gathers requests into batches, follows these at the service, and stores their answers.

What was submitted is paid for, so it is never submitted again while its batch may still answer: the record of a batch
is stored before the batch is created, and its id before anybody waits for it. Nothing is cancelled when the work stops.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import openai
from openai.types import Batch

from sq_llm.answers import PaidAnswers
from sq_llm.batch.line import File, Line, cut
from sq_llm.batch.records import BatchRecord, BatchRecords
from sq_llm.batch.rejected import Rejection, rejected
from sq_llm.batch.results import Result, results
from sq_llm.batch.service import BatchService
from sq_llm.completion import Completion
from sq_llm.endpoint import Endpoint
from sq_llm.failure import CallFailed
from sq_llm.usage import Usage

_LOG = logging.getLogger("sq")
# Reads and writes of the store of answers at once.
_AT_STORE = 64
# Requests are submitted when so many seconds brought no further one.
_QUIET_SECONDS = 1.0


class Batches:
    """Belongs to one event loop.

    Args:
        service: digest of the service's URL, the first part of the keys of answers.
    """

    def __init__(self, endpoint: Endpoint, answers: PaidAnswers, service: str, client: openai.AsyncOpenAI) -> None:
        self._endpoint = endpoint
        self._answers = answers
        self._prefix = service
        self._service = BatchService(endpoint, client)
        self._records = BatchRecords(answers.records, service, answers.buyer)
        self._rounds = endpoint.max_retries + 1
        self._at_store = asyncio.Semaphore(_AT_STORE)
        self._looking = self._arrivals = 0
        self._queue: list[Line] = []
        # By digest: who waits for each request that is queued or part of an open batch, and what is sent.
        self._waiting: dict[str, list[asyncio.Future[Completion]]] = {}
        self._bodies: dict[str, Mapping[str, Any]] = {}
        self._stored: set[str] = set()
        self._open: dict[str, BatchRecord] = {}
        # Names of batches that were not the only open one all the time.
        self._beside_others: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        # What waits until the service has room for another batch.
        self._held: list[Line] = []
        self._submitting = False
        self._fatal: Exception | None = None
        # Begins with the first request that has no stored answer.
        self._taking_up: asyncio.Future[None] | None = None

    @property
    def ids(self) -> list[str]:
        """Batches whose answers are not stored yet, by the service's ids."""
        return [record.batch_id for record in list(self._open.values())]

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Around a look into the store. While there are any, more requests may come, and no batch is submitted."""
        self._looking += 1
        try:
            async with self._at_store:
                yield
        finally:
            self._looking -= 1

    async def ask(self, digest: str, body: Mapping[str, Any], estimate: Usage, *, may_call: bool) -> Completion | None:
        """The answer to a request, stored. None if no batch has the request and `may_call` is False.

        Raises:
            CallFailed: no batch answered it.
            InputError, TryAgainError: the service refuses, or does not answer.
        """
        if self._taking_up is None:
            self._taking_up = asyncio.ensure_future(self._take_up())
        await asyncio.shield(self._taking_up)
        if self._fatal is not None:
            raise self._fatal
        if digest in self._stored:
            kept = await self._answers.get(self._key(digest))
            if kept is not None:
                return kept.completion
        if digest not in self._waiting:
            if not may_call:
                return None
            self._waiting[digest] = []
            self._enqueue(Line(digest, estimate, body=body))
        self._bodies[digest] = body
        answer: asyncio.Future[Completion] = asyncio.get_running_loop().create_future()
        self._waiting[digest].append(answer)
        return await answer

    async def close(self) -> None:
        """Waits for nothing more. Open batches go on at the service."""
        tasks = [*([self._taking_up] if self._taking_up else []), *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._open:
            message = "batches go on at the service; the same command collects their answers"
            _LOG.warning(message, extra={"batches": self.ids})

    async def _take_up(self) -> None:
        """Goes on with the batches of earlier attempts."""
        for record in await self._records.open():
            if not record.batch_id:
                batch_id = await self._service.find(record)
                if not batch_id:
                    await self._records.ended(record, {"status": "not created"})
                    continue
                record = await self._records.created(record, batch_id)
            _LOG.info("goes on with a batch", extra={"batch": record.batch_id, "requests": len(record.lines)})
            for line in record.lines:
                self._waiting.setdefault(line.digest, [])
            self._follow(record)

    def _enqueue(self, line: Line) -> None:
        self._queue.append(line)
        self._arrivals += 1
        if not self._submitting:
            self._submitting = True
            self._start(self._submit_queued())

    async def _submit_queued(self) -> None:
        settings = self._endpoint.batch
        try:
            while self._queue:
                await self._quiet(settings.max_requests)
                full = len(self._queue) // settings.max_requests * settings.max_requests
                lines, self._queue = self._queue[: full or None], self._queue[full:] if full else []
                with self._failing():
                    for file in cut(lines, settings.max_requests, settings.max_bytes):
                        await self._submit(file)
        finally:
            self._submitting = False

    async def _quiet(self, enough: int) -> None:
        """Waits until no further request comes, or there are enough for a file."""
        seconds = min(_QUIET_SECONDS, self._endpoint.batch.poll_seconds)
        arrivals = -1
        while len(self._queue) < enough and (self._looking or arrivals != self._arrivals):
            arrivals = self._arrivals
            await asyncio.sleep(seconds)

    async def _submit(self, file: File) -> None:
        record = await self._records.intend(file.lines)
        batch_id = await self._service.create(record, file.data)
        record = await self._records.created(record, batch_id)
        _LOG.info("batch submitted", extra={"batch": batch_id, "requests": len(file.lines), "bytes": file.size})
        self._follow(record)

    def _follow(self, record: BatchRecord) -> None:
        if self._open:
            self._beside_others |= {record.name, *self._open}
        self._open[record.name] = record
        self._start(self._collect(record))

    async def _collect(self, record: BatchRecord) -> None:
        with self._failing():
            batch = await self._service.await_end(record)
            if batch.status == "failed":
                alone = record.name not in self._beside_others and len(self._open) == 1
                rejection = rejected(batch, record.lines, self._endpoint, alone=alone)
            else:
                files = await self._service.files(batch)
                rejection = Rejection(results(batch, files, record.lines, self._endpoint))
            await self._store(record, batch, rejection.results)
            del self._open[record.name]
            if rejection.error is not None:
                raise rejection.error
            for line, result in zip(record.lines, rejection.results, strict=True):
                self._settle(line, result, held=rejection.queue_full)
            if not rejection.queue_full or not self._open:
                held, self._held = self._held, []
                for line in held:
                    self._enqueue(line)

    async def _store(self, record: BatchRecord, batch: Batch, found: Sequence[Result]) -> None:
        async def store(line: Line, result: Result) -> None:
            async with self._at_store:
                completion = replace(result.completion, usage=line.used + result.used)
                await self._answers.put(self._key(line.digest), completion)

        answered = [pair for pair in zip(record.lines, found, strict=True) if pair[1].completion is not None]
        await asyncio.gather(*(store(line, result) for line, result in answered))
        outcome = {"status": batch.status, "answered": len(answered), "requests": len(record.lines)}
        await self._records.ended(record, outcome)
        log = _LOG.info if len(answered) == len(record.lines) else _LOG.warning
        log("batch ended", extra={"batch": batch.id, **outcome})

    def _settle(self, line: Line, result: Result, *, held: bool) -> None:
        """Gives those who wait for a request its result, or puts it into the next batch."""
        used = line.used + result.used
        if result.completion is not None:
            self._stored.add(line.digest)
            self._resolve(line.digest, replace(result.completion, usage=used))
        elif result.again and self._waiting.get(line.digest) and (result.untouched or line.rounds + 1 < self._rounds):
            rounds = line.rounds if result.untouched else line.rounds + 1
            next_line = replace(line, rounds=rounds, used=used, body=self._bodies[line.digest])
            if held:
                self._held.append(next_line)
            else:
                self._enqueue(next_line)
        else:
            self._resolve(line.digest, CallFailed(result.failure, used))

    def _resolve(self, digest: str, outcome: Completion | Exception) -> None:
        self._bodies.pop(digest, None)
        for answer in self._waiting.pop(digest, ()):
            if answer.done():
                continue
            if isinstance(outcome, Exception):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """An error ends all that waits: nothing is submitted twice because a batch could not be followed."""
        try:
            yield
        except Exception as error:
            self._fatal = error
            self._queue = []
            for digest in list(self._waiting):
                self._resolve(digest, error)

    def _start(self, action: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(action)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _key(self, digest: str) -> str:
        return f"{self._prefix}/{digest}"
