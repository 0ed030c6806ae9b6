"""Reads images.lock.json: the images the DAGs start, each by its digest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sq_airflow.json_model import Digest, ProtoJson, read_json


class Image(ProtoJson):
    """One released image.

    Attributes:
        repository: without tag or digest; with its registry where Images.get returned it.
        version: for people; no image is started by its version.
    """

    repository: str = ""
    digest: Digest
    version: str = ""
    git_revision: str = ""

    @property
    def reference(self) -> str:
        return f"{self.repository}@{self.digest}"


class Images(ProtoJson):
    """The lock.

    Attributes:
        images: by the name that contracts use.
    """

    registry: str = ""
    images: Mapping[str, Image]

    def get(self, name: str) -> Image:
        """The image with its registry. Raises KeyError with the fix."""
        if name not in self.images:
            raise KeyError(f"images.lock.json has no {name}: release it, or use the lock of a release that has it")
        image = self.images[name]
        path = [part for part in (self.registry, image.repository or name) if part]
        return image.model_copy(update={"repository": "/".join(path)})


def read_images(path: Path) -> Images:
    """The images of a lock. Raises ValueError with the file, the image and the field."""
    return read_json(path, Images, "use the lock that a release wrote")
