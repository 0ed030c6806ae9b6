"""NER servers on the loopback interface, and connections to them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from contextlib import AbstractContextManager, contextmanager

import grpc

from sq.v1.ner_config_pb2 import NerOptions, NerServerConfig
from sq.v1.ner_service_pb2 import TagTextsRequest, TagTextsResponse
from sq.v1.ner_service_pb2_grpc import NerServiceServicer, add_NerServiceServicer_to_server
from sq_ner.client import NerConnection
from sq_ner.gazetteers import Gazetteers
from sq_ner.server import NerServer
from sq_ner.tagger import GazetteerTagger

LOG = logging.getLogger("sq.test")
Answer = Callable[[TagTextsRequest, grpc.ServicerContext], TagTextsResponse]


@contextmanager
def served(taggers: Sequence[GazetteerTagger], **config: object) -> Iterator[str]:
    """The server of sq-ner with these gazetteers; gives its address."""
    server = NerServer(NerServerConfig(listen="127.0.0.1:0", **config), LOG)
    try:
        server.serve(Gazetteers(taggers))
        yield f"127.0.0.1:{server.port}"
    finally:
        server.stop()


@contextmanager
def other_service(servicer: NerServiceServicer | None) -> Iterator[str]:
    """A gRPC server without health checks, and without any service if `servicer` is None; gives its address."""
    server = grpc.server(futures.ThreadPoolExecutor(2))
    if servicer:
        add_NerServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0)


class _OwnEngine(NerServiceServicer):
    """Answers calls with a function."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def TagTexts(  # noqa: N802, the name is the contract's
        self, request: TagTextsRequest, context: grpc.ServicerContext
    ) -> TagTextsResponse:
        return self._answer(request, context)


def own_service(answer: Answer) -> AbstractContextManager[str]:
    """A shop's own engine, without health checks; gives its address."""
    return other_service(_OwnEngine(answer))


@contextmanager
def connected(address: str, **options: object) -> Iterator[NerConnection]:
    with NerConnection(address, NerOptions(**{"start_seconds": 2, **options})) as connection:
        yield connection
