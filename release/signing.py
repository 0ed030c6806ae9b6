"""Signatures and attestations of images, by cosign. They are Sigstore bundles, attached as referrers."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.places import typed
from release.remote import Remote, RemoteError
from release.table import RUNFILES

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SIGNATURE = "https://sigstore.dev/cosign/sign/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"

_COSIGN = RUNFILES / "bazel/oci_tools/cosign/cosign"
_URI = re.compile(r"[a-z][a-z0-9]*://|pkcs11:")
_OFFLINE = ["--yes", "--use-signing-config=false", "--tlog-upload=false"]


def key_reference(flag: str, text: str) -> str:
    """What cosign takes as key: a file as the user typed it, or a URI like env://NAME or awskms://….

    Raises:
        RemoteError: the file or the variable is not there.
    """
    if text.startswith("env://"):
        name = text.removeprefix("env://")
        if not os.environ.get(name):
            raise RemoteError(f"{flag}: {text}: the environment has no {name}: export the key in it")
        return text
    if _URI.match(text):
        return text
    if not typed(text).is_file():
        raise RemoteError(f"{flag}: {text} is not a file: name the key, or a URI such as env://NAME")
    return str(typed(text))


def public_key(key: str) -> bytes:
    """The public half of a cosign key.

    Raises:
        RemoteError: it is not a cosign key, or COSIGN_PASSWORD is not its password.
    """
    done = subprocess.run([str(_COSIGN), "public-key", "--key", key], capture_output=True, check=False)
    if done.returncode:
        answer = done.stderr.decode(errors="replace").strip().splitlines()
        raise RemoteError(
            f"--sign-key: {key}: {answer[-1] if answer else 'unreadable'}: is COSIGN_PASSWORD its password?"
        )
    return done.stdout


@dataclass(frozen=True)
class Cosign:
    """cosign on one registry. It calls no other service. A key's password is COSIGN_PASSWORD."""

    to: Remote

    def sign(self, repository: str, digests: Sequence[str], key: str) -> None:
        self._run("sign", *_OFFLINE, "--key", key, *(self.to.reference(repository, one) for one in digests))

    def attest(self, repository: str, digest: str, predicate: Path, key: str) -> None:
        """Attaches a signed in-toto statement of provenance about an image."""
        flags = [*_OFFLINE, "--key", key, "--type", PROVENANCE, "--predicate", predicate]
        self._run("attest", *flags, self.to.reference(repository, digest))

    def signature_problem(self, key: str, *signed: tuple[str, str]) -> str | None:
        """Why cosign rejects the signatures of a public key, or None if it accepts them.

        Args:
            signed: repository and digest of each manifest.
        """
        references = [self.to.reference(*one) for one in signed]
        try:
            out = self._run("verify", "--key", key, "--insecure-ignore-tlog=true", *references)
        except RemoteError as error:
            if error.again:
                raise
            return str(error)
        # cosign accepts any statement of the key about an image, so one that is attested would be signed.
        claims = [entry["critical"] for line in out.decode().splitlines() if line for entry in json.loads(line)]
        found = {one["image"]["docker-manifest-digest"] for one in claims if one["type"] == SIGNATURE}
        missing = [digest for _, digest in signed if digest not in found]
        return f"cosign: {missing[0]} has other statements by this key, and no signature" if missing else None

    def provenance(self, key: str, *attested: tuple[str, str]) -> Mapping[str, list[dict[str, Any]]]:
        """The statements of provenance that the key signed, by the digest of the image.

        Args:
            attested: repository and digest of each image.
        """
        flags = ["--key", key, "--insecure-ignore-tlog=true", "--type", PROVENANCE]
        try:
            out = self._run("verify-attestation", *flags, *(self.to.reference(*one) for one in attested))
        except RemoteError as error:
            if error.again:
                raise
            # One image without an attestation fails the call for all.
            parts = [self.provenance(key, one) for one in attested] if len(attested) > 1 else []
            return {digest: statements for part in parts for digest, statements in part.items()}
        found: dict[str, list[dict[str, Any]]] = {}
        for line in out.decode().splitlines():
            statement = json.loads(base64.b64decode(json.loads(line)["payload"]))
            for subject in statement["subject"]:
                found.setdefault(f"sha256:{subject['digest']['sha256']}", []).append(statement)
        return found

    def _run(self, command: str, *arguments: object) -> bytes:
        insecure = ["--allow-http-registry"] if self.to.plain else []
        return self.to.run(_COSIGN, command, *insecure, *arguments)
