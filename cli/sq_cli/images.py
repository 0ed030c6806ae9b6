"""Finds the stages' images: built here as OCI layouts, or released, as images.lock.json has them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sq_cli.programs import project_roots
from sq_stagekit.errors import InputError

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# //release:images puts every image here, under its name.
_FOLDER = "release"
# Every program is in this one.
_ALL = "sq-all"


@dataclass(frozen=True)
class Image:
    """One image, by its digest.

    Attributes:
        name: as contracts have it, such as sq-generate.
        digest: of its manifest, sha256:….
        layout: the OCI layout it lies in; None for a released image.
        reference: repository@digest of a released image.
        git_revision: what it was built from, where that is known.
    """

    name: str
    digest: str
    layout: Path | None = None
    reference: str = ""
    git_revision: str = ""


class LayoutImages:
    """Images that lie in OCI layouts: DIR/<image>, or DIR itself, one image with the programs of all stages."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> Image:
        """Raises InputError with the fix."""
        one = (self._folder / "index.json").is_file()
        layout = self._folder if one else self._folder / name
        try:
            index = json.loads((layout / "index.json").read_text(encoding="utf-8"))
            (manifest,) = index["manifests"]
            return Image(_ALL if one else name, manifest["digest"], layout.resolve())
        except (OSError, ValueError, KeyError, TypeError) as error:
            problem = f"{layout} is no OCI layout of one image ({error})"
            raise InputError(
                "--images", problem, f"build //{_FOLDER}:images, or name the folder that has {name}"
            ) from error


class LockedImages:
    """Released images: those of an images.lock.json."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            lock = json.loads(path.read_text(encoding="utf-8"))
            self._registry, self._images = lock.get("registry", ""), dict(lock["images"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                "--images", f"{path} is no images.lock.json ({error})", "give the one that a release wrote"
            ) from error

    def get(self, name: str) -> Image:
        """Raises InputError with the fix."""
        fields = self._images.get(name)
        if fields is None:
            raise InputError("--images", f"{self._path} has no {name}", "release it, or take the lock that has it")
        digest = fields.get("digest", "")
        if not _DIGEST.fullmatch(digest):
            problem = f"{self._path}: {name}: digest is {digest!r}"
            raise InputError("--images", problem, "an image is locked by sha256:<64 digits>")
        repository = fields.get("repository", name)
        place = f"{self._registry}/{repository}" if self._registry else repository
        return Image(name, digest, None, f"{place}@{digest}", fields.get("gitRevision", ""))


Images = LayoutImages | LockedImages


def find_images(given: Path | None) -> Images:
    """The images a user names, or those that the build left.

    Args:
        given: images.lock.json, or a folder of OCI layouts.

    Raises:
        InputError: there are none.
    """
    if given is None:
        for folder in _built():
            if any(folder.glob("sq-*/index.json")):
                return LayoutImages(folder)
        raise InputError("--images", "no images are built here", "run ./bazelw build //release:images, or name a lock")
    if given.is_dir():
        return LayoutImages(given.absolute())
    return LockedImages(given)


def _built() -> Iterator[Path]:
    """Images that came with `sq`, then those the work tree's last build made."""
    for root in project_roots():
        yield root / _FOLDER
    tree = os.environ.get("BUILD_WORKSPACE_DIRECTORY")
    if tree:
        yield Path(tree) / "bazel-bin" / _FOLDER
