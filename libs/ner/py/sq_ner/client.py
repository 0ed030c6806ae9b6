"""The connection to a NER service."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sq.v1.ner_config_pb2 import NerOptions
from sq.v1.ner_service_pb2 import TagTextsRequest, TagTextsResponse
from sq.v1.ner_service_pb2_grpc import NerServiceStub
from sq_ner.channel import open_channel
from sq_ner.engine import check_engine
from sq_ner.failures import failure, hint
from sq_ner.service_tagger import ServiceTagger
from sq_stagekit import TryAgainError

TIMEOUT_SECONDS = 30.0
START_SECONDS = 60.0
_PAUSE_SECONDS = 0.5


class NerConnection:
    """A connection to one service, shared by any number of taggers. A context manager, which closes it."""

    def __init__(self, address: str, options: NerOptions, check_stop: Callable[[], None] = lambda: None) -> None:
        """Connects, and waits until the service is ready.

        Args:
            address: host:port.
            check_stop: called while waiting for an answer; raises to stop.

        Raises:
            InputError: the TLS handshake fails, or a TLS file is invalid.
            TryAgainError: the service is unavailable, or not ready in time.
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
            gazetteer_digest: of the expected gazetteer; a service without it rejects the call. Empty for any.

        Raises:
            InputError: the service rejects the call, is not a NER service, or runs another engine than configured.
            TryAgainError: it is unavailable.
        """
        engine = self.result(self.ask(language, gazetteer_digest, [])).engine
        check_engine(engine, self.address, self.options.engine)
        return ServiceTagger(self, language, gazetteer_digest, engine)

    def ask(self, language: str, gazetteer_digest: str, texts: Sequence[str]) -> grpc.Future:
        """Starts a call."""
        request = TagTextsRequest(language=language, gazetteer_digest=gazetteer_digest, texts=texts)
        return self._stub.TagTexts.future(request, timeout=self._timeout)

    def result(self, call: grpc.Future) -> TagTextsResponse:
        """Waits for the answer of a call. Raises InputError or TryAgainError, see failures.failure."""
        try:
            return self._await(call)
        except grpc.RpcError as error:
            raise failure(error, self.address, self._timeout) from error

    def close(self) -> None:
        """Cancels calls in progress."""
        self._channel.close()

    def __enter__(self) -> NerConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple:
        """Pickles the address: another process, such as a Spark worker, opens its own connection."""
        return NerConnection, (self.address, self.options)

    def _await(self, call: grpc.Future) -> object:
        while True:
            try:
                return call.result(timeout=_PAUSE_SECONDS)
            except grpc.FutureTimeoutError:
                self._check_stop()

    def _await_ready(self, seconds: float) -> None:
        """Asks until the service is ready. A missing service may be starting; a failed TLS handshake is final."""
        until = time.monotonic() + seconds
        while (problem := self._problem()) and time.monotonic() < until:
            time.sleep(_PAUSE_SECONDS)
            self._check_stop()
        if problem:
            raise TryAgainError(f"the NER service at {self.address} is not ready after {seconds:g} s: {problem}")

    def _problem(self) -> str:
        """Why the service is not ready; empty if it is."""
        check = health_pb2_grpc.HealthStub(self._channel).Check
        try:
            status = self._await(check.future(health_pb2.HealthCheckRequest(), timeout=self._timeout)).status
        except grpc.RpcError as error:
            # A service without a health check, or without one for the name "", counts as ready. The first call shows
            # whether it tags.
            if error.code() in (grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.NOT_FOUND):
                return ""
            found = failure(error, self.address, self._timeout)
            if error.code() == grpc.StatusCode.UNAVAILABLE and isinstance(found, TryAgainError):
                return error.details() + hint(error.details())
            raise found from error
        name = health_pb2.HealthCheckResponse.ServingStatus.Name(status)
        return "" if name == "SERVING" else f"its health check says {name}"
