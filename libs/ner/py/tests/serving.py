"""Real servers on the loopback interface."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent import futures
from contextlib import contextmanager

import grpc

from sq.v1.ner_config_pb2 import NerOptions, NerServerConfig
from sq.v1.ner_service_pb2_grpc import NerServiceServicer, add_NerServiceServicer_to_server
from sq_ner.client import NerConnection
from sq_ner.held import HeldGazetteers
from sq_ner.server import NerServer
from sq_ner.tagger import GazetteerTagger

LOG = logging.getLogger("sq.test")


@contextmanager
def served(taggers: Sequence[GazetteerTagger], **config: object) -> Iterator[str]:
    """sq-ner's server over gazetteers; gives its address."""
    server = NerServer(NerServerConfig(listen="127.0.0.1:0", **config), LOG)
    try:
        server.serve(HeldGazetteers(taggers))
        yield f"127.0.0.1:{server.port}"
    finally:
        server.stop()


@contextmanager
def other_service(servicer: NerServiceServicer | None) -> Iterator[str]:
    """A server of someone else's, without health checks; without any service where None."""
    server = grpc.server(futures.ThreadPoolExecutor(2))
    if servicer:
        add_NerServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0)


@contextmanager
def connected(address: str, **options: object) -> Iterator[NerConnection]:
    with NerConnection(address, NerOptions(**{"start_seconds": 2, **options})) as connection:
        yield connection
