"""Pushes the changed images with bill of materials and signature, and writes images.lock.json."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from release import checkout, contracts, lock, remote, table
from release.contracts import Contracts
from release.lock import Lock, Locked, LockError
from release.places import typed
from release.remote import BUNDLE, SPDX, Remote, RemoteError
from release.table import Release


class Refused(Exception):
    """The release must not be made. The message has one line for each image."""


@dataclass(frozen=True)
class Step:
    """What to do for one image.

    Attributes:
        found: digest of its version in the registry, or None.
        tags: tags that do not name the image yet, the version first.
    """

    release: Release
    repository: str
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
            f"{self.name}: version: {self.release.version} is {self.found} in the registry and {self.digest} here:"
            f" raise the version (//release:bump -- --write --image {self.name}), or move the tag (--allow-retag)"
        )


def plan(releases: Sequence[Release], to: Remote, prefix: str, more_tags: Sequence[str]) -> list[Step]:
    """Reads the registry and plans the steps. Changes nothing."""
    steps = []
    for release in releases:
        repository = f"{prefix.strip('/')}/{release.name}".lstrip("/")
        found = {tag: to.digest(repository, tag) for tag in dict.fromkeys([release.version, *more_tags])}
        tags = [tag for tag, digest in found.items() if digest != release.image.digest]
        steps.append(Step(release, repository, found[release.version], tags))
    return steps


def run(step: Step, to: Remote, *, repair: bool) -> None:
    """Uploads the missing parts of one image and its bill of materials. With repair, checks every blob."""
    if step.uploads:
        to.push(step.release.push, step.repository, step.tags)
    else:
        for tag in step.tags:
            to.tag(step.repository, step.digest, tag)
    for blob in step.release.image.blobs if repair else ():
        # crane uploads no blobs if the registry has the manifest.
        if to.blob_size(step.repository, blob.digest) != blob.size:
            to.put_blob(step.repository, blob.digest, blob.path)
    sbom = sbom_digest(step.release)
    if sbom not in {document for _, document in to.attachments(step.repository, step.digest, SPDX)}:
        to.attach(step.repository, step.digest, step.release.sbom, SPDX)


def sign(step: Step, to: Remote, key: Path, public: Path) -> bool:
    """Signs the image and its bill of materials, unless the key has signed them. Returns whether it signed."""
    sbom = sbom_digest(step.release)
    manifests = [one for one, document in to.attachments(step.repository, step.digest, SPDX) if document == sbom]
    wanted = [step.digest, *manifests]
    # Asks cosign only about manifests with a signature, because cosign starts slowly.
    some = [one for one in wanted if to.attachments(step.repository, one, BUNDLE)]
    if some == wanted and not to.signature_problem(public, *((step.repository, one) for one in wanted)):
        return False
    missing = [one for one in wanted if one not in some or to.signature_problem(public, (step.repository, one))]
    to.sign(step.repository, missing, key)
    return True


def sbom_digest(release: Release) -> str:
    return f"sha256:{hashlib.sha256(release.sbom.read_bytes()).hexdigest()}"


def locked(step: Step, served: Contracts, revision: str) -> Locked:
    stages = served.served(step.name)
    return Locked(
        repository=step.repository,
        version=step.release.version,
        digest=step.digest,
        git_revision=revision,
        stages=stages,
        contract_digest=contracts.combined(stages),
        sbom_digest=sbom_digest(step.release),
    )


def merged(old: Lock | None, registry: str, new: dict[str, Locked], *, keep_others: bool) -> Lock:
    """The lock after a release. Unchanged images keep their revision."""
    before = dict(old.images) if old and old.registry == registry else {}
    images = dict(before) if keep_others else {}
    for name, one in new.items():
        kept = before.get(name)
        images[name] = kept if kept and kept.traceable and kept.same_release(one) else one
    return Lock(registry, images)


def old_lock(path: Path, registry: str, *, keep_others: bool) -> Lock | None:
    """The existing lock, or None.

    Raises:
        LockError: the lock cannot be read, or its other images must be kept and are in another registry.
    """
    if not path.exists():
        return None
    found = lock.read(path)
    if keep_others and found.registry != registry:
        raise LockError(f"--lock: {path} is of {found.registry}, not {registry}: choose another file, or omit --image")
    return found


def selected(releases: list[Release], names: list[str]) -> list[Release]:
    unknown = sorted(set(names) - {one.name for one in releases})
    if unknown:
        known = ", ".join(one.name for one in releases)
        raise Refused(f"--image: unknown image {', '.join(unknown)}; choose from {known}")
    return [one for one in releases if not names or one.name in names]


def release(flags: argparse.Namespace) -> None:
    """Makes a release."""
    registry = flags.locked_registry or flags.registry
    path = typed(flags.lock)
    if not path.parent.is_dir():
        raise Refused(f"--lock: {path.parent} is not a directory: create it first")
    releases = selected(table.read(typed(flags.table)), flags.image)
    to = Remote(flags.registry, flags.plain_http)
    old = old_lock(path, registry, keep_others=bool(flags.image))
    with contextlib.ExitStack() as stack:
        public = None
        if flags.sign_key:
            public = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "cosign.pub"
            public.write_bytes(remote.public_key(typed(flags.sign_key)))
        steps = plan(releases, to, flags.repository_prefix, flags.tag)
        conflicts = [step.conflict for step in steps if step.conflict and not flags.allow_retag]
        if conflicts:
            raise Refused("\n".join(conflicts))
        if flags.dry_run:
            for step in steps:
                print(f"{step.name} {step.release.version} {step.digest} {'to push' if step.uploads else 'unchanged'}")
            return
        for step in steps:
            run(step, to, repair=flags.repair)
            signed = public and sign(step, to, typed(flags.sign_key), public)
            done = ["pushed" if step.uploads else "unchanged", *(["signed"] if signed else [])]
            print(step.name, step.release.version, step.digest, *done, flush=True)
    revision = checkout.revision(path) if flags.git_revision is None else flags.git_revision
    served = Contracts.read(typed(flags.pipeline))
    new = {step.name: locked(step, served, revision) for step in steps}
    whole = merged(old, registry, new, keep_others=bool(flags.image))
    if revision.endswith("-dirty") and any(one.git_revision == revision for one in whole.images.values()):
        print(
            "warning: the checkout has changes, so gitRevision ends with -dirty",
            file=sys.stderr,
        )
    whole.write(path)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="push", description=__doc__, allow_abbrev=False)
    remote.add_flags(made, "host or host:port of the registry", required=True)
    made.add_argument("--repository-prefix", default="", help="put before the names of images, like team/search")
    made.add_argument("--lock", default="images.lock.json", help="file to write; default: %(default)s in this folder")
    made.add_argument("--locked-registry", help="name of the registry for pulls, if it differs")
    made.add_argument("--image", action="append", default=[], help="push only this image; repeatable")
    made.add_argument("--tag", action="append", default=[], help="further tag, which may move; repeatable")
    made.add_argument("--allow-retag", action="store_true", help="move a version that has another digest")
    made.add_argument("--repair", action="store_true", help="also restore lost layers of unchanged images")
    made.add_argument("--sign-key", help="cosign's private key; COSIGN_PASSWORD is its password")
    made.add_argument("--git-revision", help="default: the checkout's, with -dirty if it has changes")
    made.add_argument("--dry-run", action="store_true", help="print what would be pushed, and push nothing")
    made.add_argument("--table", default=str(table.TABLE), help=argparse.SUPPRESS)
    made.add_argument("--pipeline", default=str(table.RUNFILES / "pipeline/pipeline.json"), help=argparse.SUPPRESS)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 done; 2 refused or wrong input, and nothing locked; 75 the registry does not answer."""
    try:
        release(parser().parse_args(arguments))
    except (Refused, LockError) as error:
        print(error, file=sys.stderr)
        return 2
    except RemoteError as error:
        print(error, file=sys.stderr)
        return 75 if error.again else 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
