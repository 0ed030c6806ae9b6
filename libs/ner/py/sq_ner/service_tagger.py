"""A tagger that asks a NER service."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Protocol

import grpc

from sq.v1.ner_config_pb2 import NerOptions
from sq.v1.ner_service_pb2 import TagTextsResponse
from sq.v1.tag_pb2 import Tag, TagEngine
from sq_ner.answers import BadAnswer, read_answer
from sq_ner.batches import batches
from sq_ner.engine import engine_name
from sq_ner.failures import ADDRESS
from sq_stagekit import InputError, TryAgainError

BATCH_SIZE = 1024
CONCURRENCY = 2
# Of one request: half of what gRPC servers accept by default.
BATCH_BYTES = 2 << 20


class Connection(Protocol):
    """What a tagger needs of a connection; see client.NerConnection."""

    address: str
    options: NerOptions

    def ask(self, language: str, gazetteer_digest: str, texts: Sequence[str]) -> grpc.Future: ...

    def result(self, call: grpc.Future) -> TagTextsResponse: ...


class ServiceTagger:
    """Implements Tagger. Threads may share it."""

    def __init__(self, connection: Connection, language: str, gazetteer_digest: str, engine: TagEngine) -> None:
        self.engine = engine
        self._connection = connection
        self._language = language
        self._digest = gazetteer_digest

    def tag_all(self, texts: Sequence[str]) -> list[list[Tag]]:
        """Sends the texts in batches, several calls at once.

        Raises:
            InputError: the service rejects the request, or breaks its contract.
            TryAgainError: it is unavailable, or its engine changed since the tagger was made.
        """
        options = self._connection.options
        found: list[list[Tag]] = []
        pending: deque[tuple[Sequence[str], grpc.Future]] = deque()
        try:
            for batch in batches(texts, options.batch_size or BATCH_SIZE, BATCH_BYTES):
                if len(pending) == (options.concurrency or CONCURRENCY):
                    found += self._read(*pending.popleft())
                pending.append((batch, self._connection.ask(self._language, self._digest, batch)))
            while pending:
                found += self._read(*pending.popleft())
        finally:
            for _, call in pending:
                call.cancel()
        return found

    def _read(self, texts: Sequence[str], call: grpc.Future) -> list[list[Tag]]:
        answer = self._connection.result(call)
        if answer.engine != self.engine:
            raise TryAgainError(
                f"the engine at {self._connection.address} changed from {engine_name(self.engine)} to "
                f"{engine_name(answer.engine)} while the stage was running; run the stage again"
            )
        try:
            return read_answer(texts, answer, self._language)
        except BadAnswer as error:
            raise InputError(
                ADDRESS,
                f"{engine_name(self.engine)} breaks the contract of sq.v1.NerService: {error}",
                "correct the service, see docs/ner.md",
            ) from error
