"""The steps of a release: what the registry lacks of each image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from release.remote import Remote
from release.table import Release


@dataclass(frozen=True)
class Step:
    """What to do for one image.

    Attributes:
        version: the tag to push it under.
        found: digest of that tag in the registry, or None.
        tags: tags that do not name the image yet, the version first.
    """

    release: Release
    repository: str
    version: str
    found: str | None
    tags: list[str]

    @property
    def name(self) -> str:
        return self.release.name

    @property
    def digest(self) -> str:
        return self.release.image.digest

    @property
    def uploads(self) -> bool:
        return self.found != self.digest

    @property
    def conflict(self) -> str | None:
        if self.found in (None, self.digest):
            return None
        return (
            f"{self.name}: version: {self.version} is {self.found} in the registry and {self.digest} here:"
            f" raise the version (//release:bump -- --write --image {self.name}), or move the tag (--allow-retag)"
        )


def plan(releases: Sequence[Release], to: Remote, prefix: str, more_tags: Sequence[str], *, dirty: bool) -> list[Step]:
    """Reads the registry and plans the steps. Changes nothing.

    Args:
        dirty: whether the checkout has changes. Then an image that is not released yet gets no release tag.
    """
    return [_step(release, to, prefix, more_tags, dirty) for release in releases]


def _step(release: Release, to: Remote, prefix: str, more_tags: Sequence[str], dirty: bool) -> Step:
    repository = f"{prefix.strip('/')}/{release.name}".lstrip("/")
    digest = release.image.digest
    version = release.version
    if dirty and to.digest(repository, version) != digest:
        version = f"{version}-dirty-{digest.removeprefix('sha256:')[:12]}"
    found = {tag: to.digest(repository, tag) for tag in dict.fromkeys([version, *more_tags])}
    tags = [tag for tag, one in found.items() if one != digest]
    return Step(release, repository, version, found[version], tags)
