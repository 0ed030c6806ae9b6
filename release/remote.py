"""A client of a registry. regctl reads and attaches, and crane tags."""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from release.table import RUNFILES

SPDX = "application/spdx+json"

_CRANE = RUNFILES / "bazel/oci_tools/crane"
_REGCTL = RUNFILES / "bazel/oci_tools/regctl"
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?")
_MISSING = "[http 404]"


class RemoteError(Exception):
    """A request to the registry failed. The message has its answer and says what to do.

    Attributes:
        again: whether a retry may succeed.
    """

    def __init__(self, message: str, *, again: bool = False):
        super().__init__(message)
        self.again = again


def is_loopback(registry: str) -> bool:
    host = registry if registry.endswith("]") else registry.rpartition(":")[0] or registry
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def add_flags(parser: argparse.ArgumentParser, registry_help: str, *, required: bool) -> None:
    """Adds --registry and --plain-http."""
    parser.add_argument("--registry", required=required, help=registry_help)
    parser.add_argument(
        "--plain-http",
        action=argparse.BooleanOptionalAction,
        help="without TLS; default: only on the loopback interface",
    )


@dataclass(frozen=True)
class Remote:
    """One registry.

    Attributes:
        registry: host, and port if it is not 443. Credentials are those of ~/.docker/config.json or DOCKER_CONFIG.
        plain_http: without TLS; None: only on the loopback interface.
    """

    registry: str
    plain_http: bool | None = None

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.registry):
            raise RemoteError(
                f"--registry: {self.registry!r} is not host or host:port; put a path into --repository-prefix"
            )

    @property
    def plain(self) -> bool:
        return is_loopback(self.registry) if self.plain_http is None else self.plain_http

    def reference(self, repository: str, version: str) -> str:
        """version: a tag or a digest."""
        return f"{self.registry}/{repository}{'@' if ':' in version else ':'}{version}"

    def digest(self, repository: str, version: str) -> str | None:
        """The digest of a manifest, or None if it does not exist."""
        found = self._regctl("manifest", "head", self.reference(repository, version), missing=True)
        return None if found is None else found.decode().strip()

    def manifest(self, repository: str, digest: str) -> dict[str, Any] | None:
        """A manifest, or None if it does not exist. regctl checks its digest."""
        reference = self.reference(repository, digest)
        found = self._regctl("manifest", "get", "--format", "raw-body", reference, missing=True)
        return None if found is None else json.loads(found)

    def blob(self, repository: str, digest: str) -> bytes | None:
        """The bytes of a blob, or None if it does not exist. regctl checks its digest."""
        return self._regctl("blob", "get", f"{self.registry}/{repository}", digest, missing=True)

    def blob_size(self, repository: str, digest: str) -> int | None:
        """The size of a blob in bytes, or None if it does not exist."""
        format_ = '{{.RawHeaders.Get "Content-Length"}}'
        found = self._regctl("blob", "head", "--format", format_, f"{self.registry}/{repository}", digest, missing=True)
        return None if found is None else int(found)

    def tags(self, repository: str) -> list[str]:
        """Every tag of a repository; none if it does not exist. A registry may give them page by page."""
        found: dict[str, None] = {}
        while True:
            last = ["--last", [*found][-1]] if found else []
            page = self._regctl("tag", "ls", *last, f"{self.registry}/{repository}", missing=True) or b""
            new = [tag for tag in page.decode().split() if tag not in found]
            if not new:
                return list(found)
            found |= dict.fromkeys(new)

    def delete(self, repository: str, digest: str) -> None:
        """Deletes a manifest and the tags that name it. One that does not exist is no error."""
        self._regctl("manifest", "delete", self.reference(repository, digest), missing=True)

    def tag(self, repository: str, digest: str, tag: str) -> None:
        self.run(_CRANE, "tag", *self._crane_flags(), self.reference(repository, digest), tag)

    def push(self, program: Path, repository: str, tags: list[str]) -> None:
        """Runs an oci_push program, which pushes an image by its digest and then tags it."""
        arguments = ["--repository", f"{self.registry}/{repository}"]
        for tag in tags:
            arguments += ["--tag", tag]
        self.run(program, *arguments, *self._crane_flags(), more={"RUNFILES_DIR": str(RUNFILES.parent)})

    def put_blob(self, repository: str, digest: str, path: Path) -> None:
        with path.open("rb") as file:
            self._regctl("blob", "put", "--digest", digest, f"{self.registry}/{repository}", stdin=file)

    def referrers(self, repository: str, digest: str) -> list[str]:
        """The digests of all manifests that are attached to one."""
        found = self._regctl(
            "artifact", "list", "--format", "{{json .Descriptors}}", self.reference(repository, digest)
        )
        return [one["digest"] for one in json.loads(found or b"[]") or []]

    def attachments(self, repository: str, digest: str, media_type: str) -> list[tuple[str, str]]:
        """The attachments of an image with one type: (digest of the manifest, digest of the document)."""
        arguments = ["--filter-artifact-type", media_type, "--format", "{{json .Descriptors}}"]
        found = self._regctl("artifact", "list", *arguments, self.reference(repository, digest))
        # Without the referrers API the list is a tag, which may name deleted manifests.
        manifests = {
            one["digest"]: self.manifest(repository, one["digest"]) for one in json.loads(found or b"[]") or []
        }
        return [
            (one, layer["digest"])
            for one, manifest in manifests.items()
            for layer in (manifest or {}).get("layers", [])
        ]

    def attach(self, repository: str, digest: str, document: Path, media_type: str) -> str:
        """Attaches a file to an image as a referrer. Returns the digest of its manifest."""
        flags = ["--artifact-type", media_type, "--file-media-type", media_type, "--file", document.resolve()]
        subject = self.reference(repository, digest)
        by_digest = [
            "--by-digest",
            "--format",
            "{{.Manifest.GetDescriptor.Digest}}",
            f"{self.registry}/{repository}",
        ]
        return (self._regctl("artifact", "put", *flags, "--subject", subject, *by_digest) or b"").decode().strip()

    def _crane_flags(self) -> list[str]:
        return ["--insecure"] if self.plain else []

    def _regctl(self, *arguments: object, missing: bool = False, stdin: BinaryIO | None = None) -> bytes | None:
        tls = "disabled" if self.plain else "enabled"
        try:
            flags = ["--verbosity", "error", "--host", f"reg={self.registry},tls={tls}"]
            return self.run(_REGCTL, *flags, *arguments, stdin=stdin)
        except RemoteError as error:
            if missing and _MISSING in str(error):
                return None
            raise

    def run(
        self,
        program: Path,
        *arguments: object,
        more: Mapping[str, str] | None = None,
        stdin: BinaryIO | None = None,
    ) -> bytes:
        """Runs a program that talks to this registry, and returns what it prints."""
        command = [str(program), *map(str, arguments)]
        environment = os.environ | dict(more or {})
        done = subprocess.run(command, capture_output=True, check=False, env=environment, stdin=stdin)
        if done.returncode:
            raise self._error(done.stderr.decode(errors="replace").strip())
        return done.stdout

    def _error(self, answer: str) -> RemoteError:
        lines = answer.splitlines() or ["no answer"]
        # cosign and crane print warnings first, and may repeat the error at the end.
        last = next((line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")), lines[-1])
        lower = answer.lower()
        if any(sign in lower for sign in ("unauthorized", "http 401", "http 403", "denied", "forbidden")):
            where = os.environ.get("DOCKER_CONFIG", "~/.docker")
            return RemoteError(
                f"{self.registry} does not accept the credentials of {where}/config.json:"
                f" run `docker login {self.registry}` ({last})"
            )
        if "http response to https client" in lower:
            return RemoteError(f"{self.registry} speaks plain HTTP: use --plain-http to allow it ({last})")
        if any(sign in lower for sign in ("connection refused", "no such host", "timeout", "http 5")):
            return RemoteError(f"{self.registry} does not answer: {last}", again=True)
        return RemoteError(f"{self.registry}: {last}")
