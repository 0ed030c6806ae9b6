"""The gRPC server: threads, TLS, health check and graceful shutdown."""

from __future__ import annotations

import logging
from concurrent import futures

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from sq.v1.ner_config_pb2 import NerServerConfig, NerServerTls
from sq.v1.ner_service_pb2 import DESCRIPTOR
from sq.v1.ner_service_pb2_grpc import add_NerServiceServicer_to_server
from sq_ner.gazetteers import Gazetteers
from sq_ner.servicer import GazetteerServicer
from sq_ner.tls_files import certificates, key_pair
from sq_stagekit import InputError

LISTEN = "[::]:50051"
THREADS = 4
MAX_TEXTS = 10_000
REQUEST_BYTES = 4 << 20
DRAIN_SECONDS = 20.0
SERVICE = DESCRIPTOR.services_by_name["NerService"].full_name


class NerServer:
    """Listens at once. Its health check says NOT_SERVING until it gets its gazetteers.

    Attributes:
        port: the port it listens on.
    """

    def __init__(self, config: NerServerConfig, log: logging.Logger) -> None:
        """Raises InputError if it cannot listen, or a TLS file is invalid."""
        self._drain_seconds = config.drain_seconds or DRAIN_SECONDS
        self._health = health.HealthServicer()
        self._set_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        self.servicer = GazetteerServicer(config.max_texts or MAX_TEXTS, log)
        self._server = grpc.server(
            futures.ThreadPoolExecutor(config.threads or THREADS, thread_name_prefix="ner"),
            options=[
                ("grpc.max_receive_message_length", config.max_request_bytes or REQUEST_BYTES),
                ("grpc.max_send_message_length", -1),
                # With it, two servers could share a port by mistake; without it, the second one fails.
                ("grpc.so_reuseport", 0),
            ],
        )
        add_NerServiceServicer_to_server(self.servicer, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self.port = self._listen(config)
        self._server.start()

    def serve(self, gazetteers: Gazetteers) -> None:
        """Starts to tag texts with these gazetteers."""
        self.servicer.use(gazetteers)
        self._set_health(health_pb2.HealthCheckResponse.SERVING)

    def stop(self) -> None:
        """Says NOT_SERVING, accepts no new calls, and waits up to `drain_seconds` for calls in progress."""
        self._health.enter_graceful_shutdown()
        self._server.stop(self._drain_seconds).wait()

    def _set_health(self, status: int) -> None:
        for service in ("", SERVICE):
            self._health.set(service, status)

    def _listen(self, config: NerServerConfig) -> int:
        place = config.listen or LISTEN
        try:
            if config.HasField("tls"):
                return self._server.add_secure_port(place, _credentials(config.tls))
            return self._server.add_insecure_port(place)
        except RuntimeError as error:
            raise InputError("listen", f"cannot listen on {place}", "give a free host:port of this machine") from error


def _credentials(tls: NerServerTls) -> grpc.ServerCredentials:
    certificate, key = key_pair(tls.certificate_file, tls.key_file, "tls")
    authorities = certificates(tls.client_ca_file, "tls.client_ca_file") if tls.client_ca_file else None
    return grpc.ssl_server_credentials([(key, certificate)], authorities, require_client_auth=bool(authorities))
