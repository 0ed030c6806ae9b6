"""Deletes old images from a registry: those that no lock names, and that are not among the newest versions."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from release import lock, remote
from release.ending import Refused, exit_code
from release.lock import Lock
from release.places import typed
from release.remote import Remote

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_DIRTY = re.compile(r"\d+\.\d+\.\d+-dirty-[0-9a-f]+")
# Without the referrers API, this tag lists what is attached to a manifest. Older cosigns append an ending.
_LIST = re.compile(r"sha256-([0-9a-f]{64})(\..+)?")


@dataclass
class Repository:
    """The manifests of one image.

    Attributes:
        tags: tag to the digest that it names.
    """

    to: Remote
    name: str
    tags: dict[str, str]
    _about: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)

    @classmethod
    def read(cls, to: Remote, name: str) -> Repository:
        found = {tag: to.digest(name, tag) for tag in to.tags(name)}
        return cls(to, name, {tag: digest for tag, digest in found.items() if digest})

    def kept(self, locked: set[str], newest: int) -> set[str]:
        """Digests that stay: locked ones, the newest versions, what other tags name, and all that belongs to them."""
        versions = sorted(filter(_VERSION.fullmatch, self.tags), key=_order, reverse=True)
        others = [tag for tag in self.tags if not any(kind.fullmatch(tag) for kind in (_VERSION, _DIRTY, _LIST))]
        roots = locked | {self.tags[tag] for tag in [*versions[:newest], *others]}
        return {digest for root in roots for digest in self.family(root)}

    def old(self, kept: set[str]) -> dict[str, list[str]]:
        """The images to delete: digest to its tags. The tags of attachments name no image, only their subject."""
        found: dict[str, list[str]] = {}
        for tag, digest in sorted(self.tags.items()):
            listed = _LIST.fullmatch(tag)
            if not listed and digest not in kept:
                found.setdefault(digest, []).append(tag)
        attached = {one for digest in found for one in self.family(digest)}
        for tag in self.tags:
            listed = _LIST.fullmatch(tag)
            if listed and f"sha256:{listed[1]}" not in kept | attached:
                found.setdefault(f"sha256:{listed[1]}", [])
        return found

    def family(self, digest: str) -> Iterator[str]:
        """A manifest after all that belongs to it: its attachments with theirs, their list, the images of an index."""
        attached, images = self._read(digest)
        for one in attached:
            yield from self.family(one)
        yield from (self.tags[tag] for tag in self.tags if tag.startswith(f"sha256-{digest.removeprefix('sha256:')}"))
        for one in images:
            yield from self.family(one)
        yield digest

    def _read(self, digest: str) -> tuple[list[str], list[str]]:
        """What is attached to a manifest, and the images of an index."""
        if digest not in self._about:
            manifest = self.to.manifest(self.name, digest)
            # The list also tells what is attached to a manifest that somebody deleted.
            listed = self.tags.get(digest.replace(":", "-"))
            attached = _members(self.to.manifest(self.name, listed) or {}) if listed else []
            if manifest:
                attached += self.to.referrers(self.name, digest)
            self._about[digest] = (list(dict.fromkeys(attached)), _members(manifest or {}))
        return self._about[digest]


def _members(index: dict) -> list[str]:
    return [one["digest"] for one in index.get("manifests", [])]


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def locked_digests(locks: Sequence[Lock], to: Remote) -> dict[str, set[str]]:
    """Repository to the digests that locks name.

    Raises:
        Refused: the registry lacks one of them.
    """
    found: dict[str, set[str]] = {}
    for one in locks:
        for name, image in one.images.items():
            if not to.digest(image.repository, image.digest):
                where = f"{to.registry}/{image.repository}"
                raise Refused(f"--lock: {name}: {where} has no {image.digest}: correct --registry, or drop this lock")
            found.setdefault(image.repository, set()).add(image.digest)
    return found


def prune(locks: Sequence[Lock], to: Remote, newest: int, *, dry_run: bool) -> None:
    """Deletes the old images of every repository that the locks name, and prints them."""
    count = 0
    for name, locked in sorted(locked_digests(locks, to).items()):
        repository = Repository.read(to, name)
        kept = repository.kept(locked, newest)
        for digest, tags in repository.old(kept).items():
            doomed = [one for one in dict.fromkeys(repository.family(digest)) if one not in kept]
            state = "to delete" if dry_run else "deleted"
            # The image goes last: until then its tag leads to what belongs to it, also after an interruption.
            for one in () if dry_run else doomed:
                to.delete(name, one)
            print(name, *(tags or ["untagged"]), digest, f"{state} with {len(doomed) - 1} more", flush=True)
            count += 1
    print(f"{count} images {'to delete' if dry_run else 'deleted'}")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="prune", description=__doc__, allow_abbrev=False)
    remote.add_flags(made, "registry of the images; default: the locks'", required=False)
    made.add_argument(
        "--lock",
        action="append",
        help="lock whose images stay; repeatable; default: images.lock.json in this folder",
    )
    made.add_argument("--keep", type=int, required=True, help="how many of the newest versions of each image stay")
    made.add_argument("--dry-run", action="store_true", help="print what would be deleted, and delete nothing")
    return made


def run(flags: argparse.Namespace) -> None:
    """Prunes the registry of the locks. Raises Refused, LockError or RemoteError."""
    if flags.keep < 1:
        raise Refused(f"--keep: {flags.keep} is less than 1: the newest version always stays")
    locks = [lock.read(typed(path)) for path in flags.lock or ["images.lock.json"]]
    registries = sorted({one.registry for one in locks})
    if len(registries) > 1 and not flags.registry:
        raise Refused(f"--lock: the locks are of {' and '.join(registries)}: name one with --registry")
    prune(locks, Remote(flags.registry or registries[0], flags.plain_http), flags.keep, dry_run=flags.dry_run)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 done; 2 refused or wrong input; 75 the registry does not answer."""
    return exit_code(lambda: run(parser().parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
