"""Maps a failed call to the stage's error: worth a retry, or not."""

from __future__ import annotations

import grpc

from sq_ner.channel import ATTEMPTS
from sq_stagekit import InputError, TryAgainError

ADDRESS = "ner_address"
# Words of gRPC for a handshake that will fail again, unlike one that a stopping server interrupts.
_TLS = ("ssl_error_ssl", "certificate_verify_failed", "hostname verification")
# All that gRPC reports if the server requires TLS or a client certificate. A stopping server gives the same message.
_CONNECTION_LOST = ("socket closed", "connection reset")


def failure(error: grpc.RpcError, address: str, seconds: float) -> InputError | TryAgainError:
    """The stage's error for a failed call.

    Args:
        seconds: the deadline of the call.
    """
    code, details = error.code(), (error.details() or "").strip()
    match code:
        case grpc.StatusCode.UNAVAILABLE if _is_tls(details):
            return InputError(
                "ner_options.tls",
                f"the TLS handshake with {address} failed: {details}",
                "set ca_file to the service's authority, and certificate_file and key_file if it asks for a client "
                "certificate; remove tls only if the service speaks plain text",
            )
        case grpc.StatusCode.UNAVAILABLE:
            return TryAgainError(
                f"the NER service at {address} is unavailable after {ATTEMPTS} attempts: {details}{hint(details)}"
            )
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return TryAgainError(
                f"the NER service at {address} did not answer within {seconds:g} s ({details}); if it is slow, "
                "raise ner_options.timeout_seconds or lower ner_options.batch_size"
            )
        case grpc.StatusCode.UNIMPLEMENTED:
            return InputError(ADDRESS, f"{address} does not serve sq.v1.NerService ({details})", "give a NER service")
        case grpc.StatusCode.FAILED_PRECONDITION:
            return InputError(
                ADDRESS,
                f"{address} rejected the request: {details}",
                "start the service with this market's catalogue, gazetteer_uri and languages",
            )
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            return InputError("ner_options.batch_size", f"is too large for {address}: {details}", "lower it")
        case grpc.StatusCode.INVALID_ARGUMENT | grpc.StatusCode.OUT_OF_RANGE:
            return InputError(ADDRESS, f"{address} rejected the request: {details}", "see the contract in docs/ner.md")
        case grpc.StatusCode.UNAUTHENTICATED | grpc.StatusCode.PERMISSION_DENIED:
            return InputError("ner_options.tls", f"{address} rejected this client: {details}", "set certificate_file")
    return TryAgainError(f"the NER service at {address} failed ({code.name}): {details}")


def _is_tls(details: str) -> bool:
    return any(word in details.lower() for word in _TLS)


def hint(details: str) -> str:
    """Another possible cause of a lost connection; empty if the details give none."""
    if any(word in details.lower() for word in _CONNECTION_LOST):
        return " (if this persists, the service may require TLS or a client certificate: see ner_options.tls)"
    return ""
