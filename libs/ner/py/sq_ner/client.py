"""Taggers that ask a NER service."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sq.v1.ner_config_pb2 import NerOptions
from sq.v1.ner_service_pb2 import TagTextsRequest, TagTextsResponse
from sq.v1.ner_service_pb2_grpc import NerServiceStub
from sq.v1.tag_pb2 import Tag, TagEngine
from sq_ner.answers import BadAnswer, read_answer
from sq_ner.channel import open_channel
from sq_ner.failures import ADDRESS, failure, hint
from sq_stagekit import InputError, TryAgainError

BATCH_SIZE = 1024
CONCURRENCY = 2
TIMEOUT_SECONDS = 30.0
START_SECONDS = 60.0
# Of one request: half of what servers take unless told otherwise.
BATCH_BYTES = 2 << 20
_PAUSE_SECONDS = 0.5


class NerConnection:
    """One service, of which any number of taggers may be had. To be closed."""

    def __init__(self, address: str, options: NerOptions, check_stop: Callable[[], None] = lambda: None) -> None:
        """Waits until the service says it is ready.

        Args:
            address: host:port.
            check_stop: called while an answer is awaited; raises where the stage is to stop.

        Raises:
            InputError: TLS fails, or its files are not right.
            TryAgainError: the service is not reachable, or not ready in time.
        """
        self.address = address
        self.options = options
        self._check_stop = check_stop
        self._timeout = options.timeout_seconds or TIMEOUT_SECONDS
        self._channel = open_channel(address, options)
        self._stub = NerServiceStub(self._channel)
        try:
            self._await_ready(options.start_seconds or START_SECONDS)
        except BaseException:
            self.close()
            raise

    def tagger(self, language: str, gazetteer_digest: str) -> ServiceTagger:
        """A tagger for texts in a language (ISO 639-1).

        Args:
            gazetteer_digest: of the gazetteer counted on; a service that tags by another refuses. Empty for any.

        Raises:
            InputError: the service refuses, is none, or has another engine than the configuration names.
            TryAgainError: it does not answer.
        """
        engine = self.result(self.ask(language, gazetteer_digest, [])).engine
        _check_engine(engine, self.address, self.options.engine)
        return ServiceTagger(self, language, gazetteer_digest, engine)

    def ask(self, language: str, gazetteer_digest: str, texts: Sequence[str]) -> grpc.Future:
        request = TagTextsRequest(language=language, gazetteer_digest=gazetteer_digest, texts=texts)
        return self._stub.TagTexts.future(request, timeout=self._timeout)

    def result(self, call: grpc.Future) -> TagTextsResponse:
        """A call's answer, once it is there. Raises as tag_all does."""
        try:
            return self._await(call)
        except grpc.RpcError as error:
            raise failure(error, self.address, self._timeout) from error

    def close(self) -> None:
        """Ends what is under way."""
        self._channel.close()

    def __enter__(self) -> NerConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple:
        """Another process, such as a worker of Spark, gets a connection of its own."""
        return NerConnection, (self.address, self.options)

    def _await(self, call: grpc.Future) -> object:
        while True:
            try:
                return call.result(timeout=_PAUSE_SECONDS)
            except grpc.FutureTimeoutError:
                self._check_stop()

    def _await_ready(self, seconds: float) -> None:
        """Asks until the service is ready. One that is not there may be about to start, TLS that fails stays so."""
        until = time.monotonic() + seconds
        while (problem := self._problem()) and time.monotonic() < until:
            time.sleep(_PAUSE_SECONDS)
            self._check_stop()
        if problem:
            raise TryAgainError(f"the NER service at {self.address} is not ready after {seconds:g} s: {problem}")

    def _problem(self) -> str:
        """Why the service is not ready; empty where it is."""
        check = health_pb2_grpc.HealthStub(self._channel).Check
        try:
            status = self._await(check.future(health_pb2.HealthCheckRequest(), timeout=self._timeout)).status
        except grpc.RpcError as error:
            # A service without health checks, or that tells nothing of itself as a whole, counts as ready; whether it
            # tags is seen when it is asked to.
            if error.code() in (grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.NOT_FOUND):
                return ""
            found = failure(error, self.address, self._timeout)
            if error.code() == grpc.StatusCode.UNAVAILABLE and isinstance(found, TryAgainError):
                return error.details() + hint(error.details())
            raise found from error
        name = health_pb2.HealthCheckResponse.ServingStatus.Name(status)
        return "" if name == "SERVING" else f"it says {name}"


class ServiceTagger:
    """Implements Tagger."""

    def __init__(self, connection: NerConnection, language: str, gazetteer_digest: str, engine: TagEngine) -> None:
        self.engine = engine
        self._connection = connection
        self._language = language
        self._digest = gazetteer_digest

    def tag_all(self, texts: Sequence[str]) -> list[list[Tag]]:
        """Sends the texts in batches, a few at once.

        Raises:
            InputError: the service refuses, or breaks its contract.
            TryAgainError: it does not answer, or its engine was changed meanwhile.
        """
        options = self._connection.options
        found: list[list[Tag]] = []
        under_way: deque[tuple[Sequence[str], grpc.Future]] = deque()
        try:
            for batch in cut(texts, options.batch_size or BATCH_SIZE, BATCH_BYTES):
                if len(under_way) == (options.concurrency or CONCURRENCY):
                    found += self._read(*under_way.popleft())
                under_way.append((batch, self._connection.ask(self._language, self._digest, batch)))
            while under_way:
                found += self._read(*under_way.popleft())
        finally:
            for _, call in under_way:
                call.cancel()
        return found

    def _read(self, texts: Sequence[str], call: grpc.Future) -> list[list[Tag]]:
        answer = self._connection.result(call)
        if answer.engine != self.engine:
            raise TryAgainError(
                f"the engine at {self._connection.address} changed from {shown(self.engine)} to "
                f"{shown(answer.engine)} in the middle of the work: run it again"
            )
        try:
            return read_answer(texts, answer, self._language)
        except BadAnswer as error:
            raise InputError(
                ADDRESS,
                f"{shown(self.engine)} breaks its contract: {error}",
                "correct the service, see docs/ner.md",
            ) from error


def cut(texts: Sequence[str], most: int, most_bytes: int) -> Iterator[list[str]]:
    """Batches in order, of no more texts and bytes than given; a text that is larger stands alone."""
    batch: list[str] = []
    size = 0
    for text in texts:
        # Code points take four bytes at most; measuring each text would cost more than it gives.
        length = 4 * len(text) + 8
        if batch and (len(batch) == most or size + length > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += length
    if batch:
        yield batch


def shown(engine: TagEngine) -> str:
    """ "name/version", with the gazetteer's digest where it has one."""
    name = f"{engine.name}/{engine.version}"
    return f"{name} ({engine.gazetteer_digest})" if engine.gazetteer_digest else name


def _check_engine(engine: TagEngine, address: str, wanted: str) -> None:
    if not engine.name or not engine.version:
        raise InputError(ADDRESS, f"{address} does not name its engine and version", "correct the service")
    if wanted not in ("", engine.name, f"{engine.name}/{engine.version}"):
        raise InputError(
            "ner_options.engine",
            f"is {wanted}, and {address} has {shown(engine)}",
            "name that, or start the other",
        )
