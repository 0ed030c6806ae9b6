"""ner-typos --listen HOST:PORT --catalogue FILE: serves the engine as a NER service."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from concurrent import futures
from pathlib import Path

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from ner_typos.engine import Typos
from sq.v1.ner_service_pb2 import TaggedText, TagTextsRequest, TagTextsResponse
from sq.v1.ner_service_pb2_grpc import NerServiceServicer, add_NerServiceServicer_to_server
from sq.v1.tag_pb2 import TagEngine

LANGUAGES = ("en",)
_DRAIN_SECONDS = 20


class TyposServicer(NerServiceServicer):
    """The method of the contract. The engine ignores `gazetteer_digest`, which names sq's own gazetteer."""

    def __init__(self, engine: Typos) -> None:
        self._engine = engine

    def TagTexts(  # noqa: N802, as the contract has it
        self, request: TagTextsRequest, context: grpc.ServicerContext
    ) -> TagTextsResponse:
        if request.language not in LANGUAGES:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"this engine knows only {', '.join(LANGUAGES)}")
        return TagTextsResponse(
            # Change the version whenever the same text may get other tags.
            engine=TagEngine(name="typos", version="1", language=request.language),
            texts=[TaggedText(tags=self._engine.tag(text)) for text in request.texts],
        )


def serve(listen: str, engine: Typos) -> tuple[grpc.Server, health.HealthServicer, int]:
    """Starts the server. Returns it with its health service and its port."""
    server = grpc.server(futures.ThreadPoolExecutor(4))
    add_NerServiceServicer_to_server(TyposServicer(engine), server)
    status = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(status, server)
    port = server.add_insecure_port(listen)
    server.start()
    status.set("", health_pb2.HealthCheckResponse.SERVING)
    return server, status, port


def main() -> int:
    parser = argparse.ArgumentParser(prog="ner-typos", description=__doc__)
    parser.add_argument("--listen", default="[::]:50051", metavar="HOST:PORT")
    parser.add_argument("--catalogue", required=True, type=Path, metavar="FILE", help="products, NDJSON")
    flags = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server, status, port = serve(flags.listen, Typos.of_catalogue(flags.catalogue))
    print(json.dumps({"message": "serving", "port": port}), file=sys.stderr, flush=True)
    # Python runs signal handlers only in this thread. A signal that another thread receives does not wake it.
    while not stop.wait(1):
        pass
    status.enter_graceful_shutdown()
    server.stop(_DRAIN_SECONDS).wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
