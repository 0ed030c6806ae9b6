"""Pushes the changed images with bill of materials, signature and provenance, and writes images.lock.json."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from release import bill, checkout, contracts, lock, provenance, remote, signing, table
from release.contracts import Contracts
from release.ending import Refused, exit_code
from release.lock import Lock, Locked, LockError
from release.places import typed
from release.remote import SPDX, Remote
from release.signing import BUNDLE, Cosign
from release.steps import Step, plan
from release.table import Release


def run(step: Step, to: Remote, *, repair: bool) -> str:
    """Uploads the missing parts of one image and its bill of materials. With repair, checks every blob.

    Returns:
        the digest of its bill of materials.
    """
    if step.uploads:
        to.push(step.release.push, step.repository, step.tags)
    else:
        for tag in step.tags:
            to.tag(step.repository, step.digest, tag)
    for blob in step.release.image.blobs if repair else ():
        # crane uploads no blobs if the registry has the manifest.
        if to.blob_size(step.repository, blob.digest) != blob.size:
            to.put_blob(step.repository, blob.digest, blob.path)
    return bill.attach(to, step.repository, step.digest, step.release.sbom)


@dataclass(frozen=True)
class Signer:
    """Signs images, and says from which commit they were built.

    Attributes:
        key: cosign's private key: a path or a URI.
        public: a file with its public half.
        source: URI of the repository, or "".
    """

    cosign: Cosign
    key: str
    public: str
    source: str

    def sign(self, step: Step, sbom: str) -> bool:
        """Signs the image and its bill of materials, unless the key has signed them. Returns whether it signed."""
        to = self.cosign.to
        manifests = [one for one, document in to.attachments(step.repository, step.digest, SPDX) if document == sbom]
        wanted = [step.digest, *manifests]
        # Asks cosign only about manifests with a signature, because cosign starts slowly.
        some = [one for one in wanted if to.attachments(step.repository, one, BUNDLE)]
        if some == wanted and not self._problem(step, *wanted):
            return False
        missing = [one for one in wanted if one not in some or self._problem(step, one)]
        self.cosign.sign(step.repository, missing, self.key)
        return True

    def _problem(self, step: Step, *digests: str) -> str | None:
        return self.cosign.signature_problem(self.public, *((step.repository, one) for one in digests))

    def attest(self, step: Step, revision: str) -> str:
        """Attaches provenance, unless the image has it by this key. Returns the commit that it names.

        Args:
            revision: the commit that the image was built from first, as far as the lock knows.
        """
        found = self.cosign.provenance(self.public, (step.repository, step.digest)).get(step.digest, [])
        if found:
            return provenance.commit_of(found[0])
        if not provenance.is_commit(revision):
            return revision
        document = provenance.predicate(step.release, revision, self.source, provenance.builder_id())
        with tempfile.NamedTemporaryFile(mode="w", suffix=".json", encoding="utf-8") as file:
            json.dump(document, file)
            file.flush()
            self.cosign.attest(step.repository, step.digest, Path(file.name), self.key)
        return revision


def locked(step: Step, served: Contracts, revision: str, sbom: str) -> Locked:
    stages = served.served(step.name)
    return Locked(
        repository=step.repository,
        version=step.version,
        digest=step.digest,
        git_revision=revision,
        stages=stages,
        contract_digest=contracts.combined(stages),
        sbom_digest=sbom,
    )


def first_revision(before: Mapping[str, Locked], step: Step, revision: str) -> str:
    """The revision of an image: an image that did not change keeps that of its first release."""
    kept = before.get(step.name)
    return kept.git_revision if kept and kept.traceable and kept.digest == step.digest else revision


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


def revision_of(flags: argparse.Namespace, path: Path) -> str:
    """The revision of the checkout.

    Raises:
        Refused: the checkout has changes, and no flag allows them, or tags are asked for.
    """
    revision = checkout.revision(path) if flags.git_revision is None else flags.git_revision
    if not revision.endswith("-dirty") or flags.dry_run:
        return revision
    if not flags.allow_dirty:
        raise Refused(
            "the checkout has changes (git status shows them), so nobody could build this release again:"
            " commit them, or push under a tag of its own with --allow-dirty"
        )
    if flags.tag:
        raise Refused(f"--tag: {flags.tag[0]}: a release with --allow-dirty gets no further tag: commit the changes")
    return revision


def release(flags: argparse.Namespace) -> None:
    """Makes a release."""
    registry = flags.locked_registry or flags.registry
    path = typed(flags.lock)
    if not path.parent.is_dir():
        raise Refused(f"--lock: {path.parent} is not a directory: create it first")
    releases = selected(table.read(typed(flags.table)), flags.image)
    to = Remote(flags.registry, flags.plain_http)
    old = old_lock(path, registry, keep_others=bool(flags.image))
    before = dict(old.images) if old and old.registry == registry else {}
    revision = revision_of(flags, path)
    with contextlib.ExitStack() as stack:
        signer = signer_of(flags, to, revision, stack)
        steps = plan(releases, to, flags.repository_prefix, flags.tag, dirty=revision.endswith("-dirty"))
        conflicts = [step.conflict for step in steps if step.conflict and not flags.allow_retag]
        if conflicts:
            raise Refused("\n".join(conflicts))
        if flags.dry_run:
            for step in steps:
                print(f"{step.name} {step.version} {step.digest} {'to push' if step.uploads else 'unchanged'}")
            return
        served = Contracts.read(typed(flags.pipeline))
        images = dict(before) if flags.image else {}
        for step in steps:
            sbom = run(step, to, repair=flags.repair)
            done = ["pushed" if step.uploads else "unchanged"]
            commit = first_revision(before, step, revision)
            if signer:
                done += ["signed"] if signer.sign(step, sbom) else []
                commit = signer.attest(step, commit)
            images[step.name] = locked(step, served, commit, sbom)
            print(step.name, step.version, step.digest, *done, flush=True)
    Lock(registry, images).write(path)


def signer_of(flags: argparse.Namespace, to: Remote, revision: str, stack: contextlib.ExitStack) -> Signer | None:
    if not flags.sign_key:
        return None
    key = signing.key_reference("--sign-key", flags.sign_key)
    public = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "cosign.pub"
    public.write_bytes(signing.public_key(key))
    if not provenance.is_commit(revision) and not flags.dry_run:
        print(f"warning: the revision is {revision or 'unknown'}, so new images get no provenance", file=sys.stderr)
    return Signer(Cosign(to), key, str(public), provenance.source_uri(checkout.remote()))


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
    made.add_argument("--sign-key", help="cosign's private key, a file or env://NAME; COSIGN_PASSWORD is its password")
    made.add_argument("--git-revision", help="default: the checkout's, with -dirty if it has changes")
    made.add_argument("--allow-dirty", action="store_true", help="push a checkout with changes, without release tags")
    made.add_argument("--dry-run", action="store_true", help="print what would be pushed, and push nothing")
    made.add_argument("--table", default=str(table.TABLE), help=argparse.SUPPRESS)
    made.add_argument("--pipeline", default=str(table.RUNFILES / "pipeline/pipeline.json"), help=argparse.SUPPRESS)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 done; 2 refused or wrong input, and nothing locked; 75 the registry does not answer."""
    return exit_code(lambda: release(parser().parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
