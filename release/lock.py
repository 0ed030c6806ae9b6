"""images.lock.json names the image of each release. The DAGs, `verify` and reviewers of a release read it."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rfc8785

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class LockError(ValueError):
    """A lock is invalid. The message names the file, the image and the field, and says what to do."""


@dataclass(frozen=True)
class Locked:
    """One released image.

    Attributes:
        repository: without registry, tag and digest.
        version: its tag. That of a checkout with changes has the mark -dirty- and a part of the digest.
        digest: of its manifest.
        git_revision: of the checkout that first locked it; ends with -dirty if that had changes.
        stages: stage to the digest of its contract and record types.
        contract_digest: over `stages`; empty for an image without a stage.
        sbom_digest: of the SPDX document attached to it.
    """

    repository: str
    version: str
    digest: str
    git_revision: str = ""
    stages: Mapping[str, str] = field(default_factory=dict)
    contract_digest: str = ""
    sbom_digest: str = ""

    @property
    def traceable(self) -> bool:
        """Whether the revision is a commit without further changes."""
        return bool(self.git_revision) and not self.git_revision.endswith("-dirty")

    @property
    def released_version(self) -> str:
        """The version of its label."""
        return self.version.partition("-dirty-")[0]

    def _document(self) -> dict[str, Any]:
        return {
            "repository": self.repository,
            "version": self.version,
            "digest": self.digest,
            "gitRevision": self.git_revision,
            "stages": dict(self.stages),
            "contractDigest": self.contract_digest,
            "sbomDigest": self.sbom_digest,
        }


@dataclass(frozen=True)
class Lock:
    """A registry (host and port), and its images by name."""

    registry: str
    images: Mapping[str, Locked]

    def write(self, path: Path) -> None:
        """Writes canonical JSON (RFC 8785) and a line break, atomically."""
        document = {
            "registry": self.registry,
            "images": {name: one._document() for name, one in self.images.items()},
        }
        data = rfc8785.dumps(document) + b"\n"
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), 0o644)
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise


def read(path: Path) -> Lock:
    """Reads a lock.

    Raises:
        LockError: the file cannot be read or is not JSON, or a field is missing or has another form.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LockError(f"--lock: {path}: {error.strerror}; run //release:push, which writes it") from error
    except ValueError as error:
        raise LockError(f"--lock: {path} is not valid JSON ({error}); run //release:push, which writes it") from error
    if not isinstance(document, dict):
        raise LockError(f"--lock: {path}: the document is not an object; run //release:push, which writes it")
    images = _get(document, "images", dict, str(path))
    return Lock(_get(document, "registry", str, str(path)), {name: _locked(path, images, name) for name in images})


def _locked(path: Path, images: dict[str, Any], name: str) -> Locked:
    where = f"{path}: {name}"
    fields = _get(images, name, dict, where)
    digest = _get(fields, "digest", str, where)
    if not _DIGEST.fullmatch(digest):
        raise LockError(f"{where}: digest is {digest!r}, not sha256:<64 digits>: release again")
    return Locked(
        repository=_get(fields, "repository", str, where),
        version=_get(fields, "version", str, where),
        digest=digest,
        git_revision=_get(fields, "gitRevision", str, where, ""),
        stages=_get(fields, "stages", dict, where, {}),
        contract_digest=_get(fields, "contractDigest", str, where, ""),
        sbom_digest=_get(fields, "sbomDigest", str, where, ""),
    )


def _get(fields: dict[str, Any], key: str, kind: type, where: str, default: Any = None) -> Any:
    value = fields.get(key, default)
    if not isinstance(value, kind):
        raise LockError(f"{where}: {key} is {value!r}, not {'an object' if kind is dict else 'text'}: release again")
    return value
