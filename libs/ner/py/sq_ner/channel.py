"""A gRPC channel to a NER service: retries, message sizes and TLS."""

from __future__ import annotations

import json
import ssl

import grpc

from sq.v1.ner_config_pb2 import NerClientTls, NerOptions
from sq_ner.tls_files import certificates, key_pair, read_file

FIELD = "ner_options.tls"
# gRPC allows at most five attempts. Waits double from one second, so it gives up after about 15 seconds: enough for a
# sidecar to restart. Longer outages are left to the retries of the stage.
ATTEMPTS = 5
_SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{"service": "sq.v1.NerService"}],
            "retryPolicy": {
                "maxAttempts": ATTEMPTS,
                "initialBackoff": "1s",
                "maxBackoff": "10s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}
# An answer is larger than its request; this is far above the answer to a full batch.
_LARGEST_ANSWER = 64 << 20


def open_channel(address: str, options: NerOptions) -> grpc.Channel:
    """A channel that connects when it is first used.

    Args:
        address: host:port. If the host has several addresses, calls go to all of them in turn.

    Raises:
        InputError: a TLS file cannot be read or is invalid.
    """
    arguments: list[tuple[str, str | int]] = [
        ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
        ("grpc.max_receive_message_length", _LARGEST_ANSWER),
        ("grpc.max_send_message_length", -1),
        # Reconnects must happen during the attempts above, not after them.
        ("grpc.initial_reconnect_backoff_ms", 500),
        ("grpc.max_reconnect_backoff_ms", 4000),
    ]
    if not options.HasField("tls"):
        return grpc.insecure_channel(address, arguments)
    if options.tls.server_name:
        arguments.append(("grpc.ssl_target_name_override", options.tls.server_name))
    return grpc.secure_channel(address, _credentials(options.tls), arguments)


def _credentials(tls: NerClientTls) -> grpc.ChannelCredentials:
    authorities = _authorities(tls.ca_file)
    if not tls.certificate_file:
        return grpc.ssl_channel_credentials(authorities)
    certificate, key = key_pair(tls.certificate_file, tls.key_file, FIELD)
    return grpc.ssl_channel_credentials(authorities, private_key=key, certificate_chain=certificate)


def _authorities(path: str) -> bytes | None:
    """The trusted authorities; None for those of gRPC, if the system has no list."""
    if path:
        return certificates(path, f"{FIELD}.ca_file")
    system = ssl.get_default_verify_paths().cafile
    return read_file(system, f"{FIELD}.ca_file") if system else None
