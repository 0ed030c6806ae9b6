"""The keys of this machine: one that signs models, and the public keys whose models it trusts.

$SQ_KEYS, or ~/.config/sq/keys
    model.key           private key, PEM, made by the first training
    trusted/*.pub       public keys, PEM
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

_PRIVATE = "model.key"
_OWN_PUBLIC = "own.pub"


def keys_folder() -> Path:
    """The folder of keys: $SQ_KEYS, else sq/keys in the user's configuration."""
    given = os.environ.get("SQ_KEYS")
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "sq" / "keys"


def trusted_keys() -> list[Path]:
    """Public keys that this machine trusts, by name."""
    return sorted((keys_folder() / "trusted").glob("*.pub"))


def signing_key() -> Path:
    """The private key of this machine. The first call makes it, and trusts its public key.

    Raises:
        OSError: the folder cannot be written.
    """
    folder = keys_folder()
    private = folder / _PRIVATE
    if not private.is_file():
        (folder / "trusted").mkdir(parents=True, exist_ok=True, mode=0o700)
        key = ec.generate_private_key(ec.SECP256R1())
        _write(folder / "trusted" / _OWN_PUBLIC, public_pem(key), 0o644)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write(private, pem, 0o600)
    return private


def public_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half of a key, as PEM."""
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _write(path: Path, data: bytes, mode: int) -> None:
    """Writes a file that is whole, and private from its first byte, or not there."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.replace(draft, path)
