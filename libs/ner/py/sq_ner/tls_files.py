"""Reads and checks the PEM files of TLS settings, for the client and the server."""

from __future__ import annotations

import ssl
from pathlib import Path

from sq_stagekit import InputError


def certificates(path: str, field: str) -> bytes:
    """The bytes of a PEM file of authorities. Raises InputError if it is not one."""
    data = read_file(path, field)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=data.decode())
    except (ssl.SSLError, ValueError) as error:
        raise InputError(field, f"{path} contains no PEM certificate", "give an authority's PEM file") from error
    return data


def key_pair(certificate: str, key: str, field: str) -> tuple[bytes, bytes]:
    """The bytes of a certificate chain and of its private key. Raises InputError if they do not match."""
    pair = read_file(certificate, f"{field}.certificate_file"), read_file(key, f"{field}.key_file")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        problem = f"{certificate} and {key} are not a certificate and its private key ({error.reason or error})"
        raise InputError(f"{field}.certificate_file", problem, "give PEM files that belong together") from error
    return pair


def read_file(path: str, field: str) -> bytes:
    """The bytes of a file. Raises InputError if it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(field, f"cannot read {path} ({error.strerror})", "give a readable PEM file") from error
