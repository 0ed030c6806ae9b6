"""What a call that failed means for the stage: worth another try, or not."""

from __future__ import annotations

import grpc

from sq_ner.channel import ATTEMPTS
from sq_stagekit import InputError, TryAgainError

ADDRESS = "ner_address"
# How gRPC words a handshake that will fail again, unlike one cut off by a server that ends.
_TLS = ("ssl_error_ssl", "certificate_verify_failed", "hostname verification")
# A server that wants TLS, or a client certificate, and gets none says no more than this; so does one that ends.
_CUT_OFF = ("socket closed", "connection reset")


def failure(error: grpc.RpcError, address: str, seconds: float) -> InputError | TryAgainError:
    """The stage's error for a call's.

    Args:
        seconds: the deadline of the call.
    """
    code, details = error.code(), (error.details() or "").strip()
    match code:
        case grpc.StatusCode.UNAVAILABLE if _is_tls(details):
            return InputError(
                "ner_options.tls",
                f"no TLS connection with {address}: {details}",
                "trust the service's authority in ca_file, give the client certificate it asks for, and leave tls out "
                "only where it speaks plain text",
            )
        case grpc.StatusCode.UNAVAILABLE:
            return TryAgainError(
                f"the NER service at {address} is not reachable, after {ATTEMPTS} attempts: {details}{hint(details)}"
            )
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return TryAgainError(
                f"the NER service at {address} did not answer within {seconds:g} s ({details}); raise "
                "ner_options.timeout_seconds or lower ner_options.batch_size if it is slow"
            )
        case grpc.StatusCode.UNIMPLEMENTED:
            return InputError(ADDRESS, f"{address} serves no sq.v1.NerService ({details})", "give a NER service's")
        case grpc.StatusCode.FAILED_PRECONDITION:
            return InputError(
                ADDRESS,
                f"{address} refuses: {details}",
                "start the service with this market's catalogue, gazetteer_uri and languages",
            )
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            return InputError("ner_options.batch_size", f"is too large for {address}: {details}", "lower it")
        case grpc.StatusCode.INVALID_ARGUMENT | grpc.StatusCode.OUT_OF_RANGE:
            return InputError(ADDRESS, f"{address} refuses the request: {details}", "see docs/ner.md for the contract")
        case grpc.StatusCode.UNAUTHENTICATED | grpc.StatusCode.PERMISSION_DENIED:
            return InputError("ner_options.tls", f"{address} refuses this client: {details}", "give its certificate")
    return TryAgainError(f"the NER service at {address} failed ({code.name}): {details}")


def _is_tls(details: str) -> bool:
    return any(word in details.lower() for word in _TLS)


def hint(details: str) -> str:
    """What else may be behind a connection that was cut off."""
    if any(word in details.lower() for word in _CUT_OFF):
        return " (if it goes on: does the service want TLS, or a client certificate? see ner_options.tls)"
    return ""
