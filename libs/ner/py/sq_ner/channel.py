"""A channel to a NER service: retries, sizes and TLS."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import grpc

from sq.v1.ner_config_pb2 import NerClientTls, NerOptions
from sq_stagekit import InputError

FIELD = "ner_options.tls"
# gRPC makes no more than five attempts. Waits double from one second, so that about 15 seconds pass before it gives
# up: as long as a sidecar takes to start anew. A service that is gone for longer is a matter for the stage's retries.
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
# An answer is larger than its request; this is far above what a full batch makes.
_LARGEST_ANSWER = 64 << 20


def open_channel(address: str, options: NerOptions) -> grpc.Channel:
    """A channel that connects once it is used.

    Args:
        address: host:port; of a name with several addresses all are used in turn.

    Raises:
        InputError: a file of the TLS settings cannot be read or does not hold what it should.
    """
    arguments: list[tuple[str, str | int]] = [
        ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
        ("grpc.max_receive_message_length", _LARGEST_ANSWER),
        ("grpc.max_send_message_length", -1),
        # Within the attempts above, not after them.
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
    """None where the machine has no list of its own: gRPC brings one."""
    if path:
        return certificates(path, f"{FIELD}.ca_file")
    system = ssl.get_default_verify_paths().cafile
    return read_file(system, f"{FIELD}.ca_file") if system else None


def certificates(path: str, field: str) -> bytes:
    """The bytes of a PEM file of authorities. Raises InputError where it is none."""
    data = read_file(path, field)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=data.decode())
    except (ssl.SSLError, ValueError) as error:
        raise InputError(field, f"{path} holds no certificate in PEM form", "give the authority's PEM file") from error
    return data


def key_pair(certificate: str, key: str, field: str) -> tuple[bytes, bytes]:
    """The bytes of a certificate chain and its private key. Raises InputError where they are no pair."""
    pair = read_file(certificate, f"{field}.certificate_file"), read_file(key, f"{field}.key_file")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        problem = f"{certificate} and {key} are no certificate with its private key ({error.reason or error})"
        raise InputError(f"{field}.certificate_file", problem, "give PEM files that belong together") from error
    return pair


def read_file(path: str, field: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(field, f"cannot read {path} ({error.strerror})", "give a readable PEM file") from error
