"""Reads images.lock.json: the images the DAGs start, each by its digest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Image:
    """One released image.

    Attributes:
        repository: with its registry, without tag or digest.
        version: for people; nothing is started by it.
    """

    repository: str
    digest: str
    version: str
    git_revision: str
    contract_digest: str

    @property
    def reference(self) -> str:
        return f"{self.repository}@{self.digest}"


@dataclass(frozen=True)
class Images:
    """The lock: image name, as contracts have it, to image."""

    by_name: Mapping[str, Image]

    def get(self, name: str) -> Image:
        """Raises KeyError with the fix."""
        if name not in self.by_name:
            raise KeyError(f"images.lock.json has no {name}: release it, or lock the release that has it")
        return self.by_name[name]


def read_images(path: Path) -> Images:
    """The images of a lock.

    Raises:
        ValueError: with the file, the image and the field.
    """
    lock = json.loads(path.read_text(encoding="utf-8"))
    return Images({name: _image(path, lock, name) for name in lock["images"]})


def _image(path: Path, lock: dict, name: str) -> Image:
    fields = lock["images"][name]
    digest = fields.get("digest", "")
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{path}: {name}: digest is {digest!r}; an image is locked by sha256:<64 digits>")
    registry = lock.get("registry", "")
    repository = fields.get("repository", name)
    return Image(
        repository=f"{registry}/{repository}" if registry else repository,
        digest=digest,
        version=fields.get("version", ""),
        git_revision=fields.get("gitRevision", ""),
        contract_digest=fields.get("contractDigest", ""),
    )
