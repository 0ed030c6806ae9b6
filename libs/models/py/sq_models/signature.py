"""Signs and checks a model's folder: OpenSSF model signing, with bare keys and offline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

SIGNATURE_FILE = "model.sig"


class UntrustedError(Exception):
    """A folder has no signature by a trusted key, or was altered since. The text says which."""


def sign(folder: Path, private_key: Path) -> None:
    """Writes SIGNATURE_FILE, which covers every other file of the folder."""
    from model_signing import signing

    config = signing.Config().use_elliptic_key_signer(private_key=private_key)
    config.set_hashing_config(_hashing()).sign(folder, folder / SIGNATURE_FILE)


def verify(folder: Path, public_keys: Sequence[Path]) -> Path:
    """The first of the keys that signed exactly the files of this folder.

    Raises:
        UntrustedError: none did.
    """
    # It takes half a second to import, which runs with other judges need not spend.
    from model_signing import verifying

    signature = folder / SIGNATURE_FILE
    if not signature.is_file():
        raise UntrustedError(f"it has no signature ({SIGNATURE_FILE})")
    if not public_keys:
        raise UntrustedError("this machine trusts no key")
    problem = ""
    for key in public_keys:
        config = verifying.Config().use_elliptic_key_verifier(public_key=key)
        try:
            config.set_hashing_config(_hashing()).verify(folder, signature)
        # The library raises what the parsers and the hash checks below it raise.
        except Exception as error:
            # A folder that a trusted key signed and somebody altered says more than another key's refusal.
            problem = str(error) if str(error).startswith("Signature mismatch") else problem
        else:
            return key
    raise UntrustedError(f"it was altered after it was signed: {problem}" if problem else "no trusted key signed it")


def _hashing() -> object:
    from model_signing import hashing

    # Files of git count too: a folder has exactly the files that were signed.
    return hashing.Config().set_ignored_paths(paths=[SIGNATURE_FILE], ignore_git_paths=False)
