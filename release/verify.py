"""Checks that a registry has the images of images.lock.json, and that their contracts fit this pipeline."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from release import bill, contracts, lock, provenance, remote, table
from release.contracts import Contracts
from release.ending import exit_code
from release.lock import Lock, Locked
from release.places import typed
from release.remote import SPDX, Remote, RemoteError
from release.signing import Cosign, key_reference

_LABEL = "org.opencontainers.image."
_RELEASE = "release it again (//release:push)"
_REPAIR = "release it again with --repair"


@dataclass(frozen=True)
class Problem:
    """One disagreement: the image, the field of the lock or of the image, and what is wrong and what to do."""

    image: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.image}: {self.field}: {self.message}"


def problems(locked: Lock, to: Remote, pipeline: Contracts, key: str | None) -> Iterator[Problem]:
    """Every disagreement, image by image."""
    for name in sorted(pipeline.images - set(locked.images)):
        yield Problem(name, "images", "a stage needs this image, and the lock does not have it: " + _RELEASE)
    statements = _statements(locked, to, key) if key else {}
    attested = key is not None
    if key and _all_signed(locked, to, key):
        # One call for all images, because cosign starts slowly. If it fails, the loop below finds the unsigned ones.
        key = None
    for name, image in sorted(locked.images.items()):
        yield from _contract(name, image, pipeline)
        try:
            yield from _image(name, image, to, pipeline)
            yield from _attached(name, image, to, key)
            if attested and to.digest(image.repository, image.digest):
                yield from _provenance(name, image, statements.get(image.digest, []))
        except RemoteError as error:
            if error.again:
                raise
            yield Problem(name, "registry", f"{error}: {_RELEASE}")


def _statements(locked: Lock, to: Remote, key: str) -> Mapping[str, list[dict[str, Any]]]:
    """The provenance of each image by its digest."""
    return Cosign(to).provenance(key, *((image.repository, image.digest) for image in locked.images.values()))


def _provenance(name: str, image: Locked, statements: list[dict[str, Any]]) -> Iterator[Problem]:
    if not provenance.is_commit(image.git_revision):
        state = f"the image was built from {image.git_revision or 'an unknown revision'}, so none can exist"
        yield Problem(name, "provenance", f"{state}: release a commit")
    elif not statements:
        yield Problem(name, "provenance", "none by this key: push again with --sign-key")
    else:
        wrong = [list(provenance.differences(one, name, image)) for one in statements]
        if all(wrong):
            yield Problem(name, "provenance", f"{'; '.join(wrong[0])}: raise the version, and {_RELEASE}")


def _all_signed(locked: Lock, to: Remote, key: str) -> bool:
    signed = []
    try:
        for image in locked.images.values():
            bills = [one for one, document in _bills(image, to) if document == image.sbom_digest]
            if not bills:
                return False
            signed += [(image.repository, digest) for digest in [image.digest, *bills]]
        return not Cosign(to).signature_problem(key, *signed)
    except RemoteError as error:
        if error.again:
            raise
        return False


def _bills(image: Locked, to: Remote) -> list[tuple[str, str]]:
    return to.attachments(image.repository, image.digest, SPDX) if to.digest(image.repository, image.digest) else []


def _contract(name: str, image: Locked, pipeline: Contracts) -> Iterator[Problem]:
    here = pipeline.served(name)
    if contracts.combined(image.stages) != image.contract_digest:
        yield Problem(
            name,
            "contractDigest",
            f"{image.contract_digest} does not match its stages, so the lock was edited: {_RELEASE}",
        )
    for stage in sorted({*here, *image.stages}):
        then, now = image.stages.get(stage, "missing"), here.get(stage, "missing")
        if then != now:
            state = f"stage {stage} is {then} in the lock, {now} in the pipeline built here"
            fix = f"build from {image.git_revision or 'its revision'}, or {_RELEASE}"
            yield Problem(name, "contractDigest", f"{state}: {fix}")


def _image(name: str, image: Locked, to: Remote, pipeline: Contracts) -> Iterator[Problem]:
    tagged = to.digest(image.repository, image.version)
    if tagged != image.digest:
        state = f"the tag {image.version} names {tagged}" if tagged else f"there is no tag {image.version}"
        yield Problem(
            name,
            "version",
            f"{state}, and the lock has {image.digest}; the tag was moved, or the lock is old: {_RELEASE}",
        )
    manifest = to.manifest(image.repository, image.digest)
    if not manifest:
        yield Problem(name, "digest", f"{to.registry}/{image.repository} has no {image.digest}: {_RELEASE}")
        return
    for layer in manifest.get("layers", []):
        size = to.blob_size(image.repository, layer["digest"])
        if size != layer["size"]:
            state = "missing" if size is None else f"{size} bytes, not {layer['size']}"
            yield Problem(
                name,
                "layers",
                f"{layer['digest']} is {state}: {_REPAIR}",
            )
    config = to.blob(image.repository, manifest["config"]["digest"])
    if config is None:
        yield Problem(name, "config", f"{manifest['config']['digest']} is missing: {_REPAIR}")
        return
    yield from _config(name, image, json.loads(config), pipeline)


def _config(name: str, image: Locked, config: dict[str, Any], pipeline: Contracts) -> Iterator[Problem]:
    run = config.get("config", {})
    labels = run.get("Labels") or {}
    for label, wanted in (("title", name), ("version", image.released_version)):
        if labels.get(_LABEL + label) != wanted:
            found = labels.get(_LABEL + label, "missing")
            yield Problem(name, f"label {_LABEL}{label}", f"{found} in the image, {wanted} in the lock: {_RELEASE}")
    starts = pipeline.entrypoints(name)
    if starts and run.get("Entrypoint") not in starts:
        wanted = " or ".join(map(str, starts))
        yield Problem(
            name, "entrypoint", f"{run.get('Entrypoint')} in the image, {wanted} in the contracts: {_RELEASE}"
        )


def _attached(name: str, image: Locked, to: Remote, key: str | None) -> Iterator[Problem]:
    if to.digest(image.repository, image.digest):
        yield from _sbom(name, image, to, key)
        yield from _signature(name, "signature", image.repository, image.digest, to, key)


def _sbom(name: str, image: Locked, to: Remote, key: str | None) -> Iterator[Problem]:
    attached = {document: manifest for manifest, document in _bills(image, to)}
    if image.sbom_digest not in attached:
        state = f"attached is {', '.join(sorted(attached))}" if attached else "none is attached"
        yield Problem(name, "sbomDigest", f"{state}, and the lock has {image.sbom_digest or 'none'}: {_RELEASE}")
        return
    data = to.blob(image.repository, image.sbom_digest)
    if data is None or f"sha256:{hashlib.sha256(data).hexdigest()}" != image.sbom_digest:
        yield Problem(name, "sbomDigest", f"the registry lost the document {image.sbom_digest}: {_RELEASE}")
        return
    document = json.loads(data)
    about = {f"sha256:{one['checksumValue']}" for one in document["packages"][0]["checksums"]}
    if image.digest not in about:
        yield Problem(name, "sbomDigest", f"the document is about {', '.join(about)}, not {image.digest}: {_RELEASE}")
    if unknown := bill.without_sum(document):
        yield Problem(name, "sbomDigest", f"the document has no sha256 of {', '.join(unknown)}: {_RELEASE}")
    yield from _signature(name, "signature of the SBOM", image.repository, attached[image.sbom_digest], to, key)


def _signature(name: str, field: str, repository: str, digest: str, to: Remote, key: str | None) -> Iterator[Problem]:
    problem = key and Cosign(to).signature_problem(key, (repository, digest))
    if problem:
        yield Problem(name, field, f"none by this key on {digest}: push again with --sign-key ({problem})")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="verify", description=__doc__, allow_abbrev=False)
    remote.add_flags(made, "registry of the images; default: the lock's", required=False)
    made.add_argument("--lock", default="images.lock.json", help="default: %(default)s in this folder")
    made.add_argument("--key", help="cosign's public key, a file or env://NAME, to check signatures and provenance")
    made.add_argument(
        "--pipeline",
        default=str(table.RUNFILES / "pipeline/pipeline.json"),
        help="default: the one built here",
    )
    return made


def run(flags: argparse.Namespace) -> int:
    """Prints the disagreements. Raises LockError or RemoteError."""
    key = key_reference("--key", flags.key) if flags.key else None
    locked = lock.read(typed(flags.lock))
    to = Remote(flags.registry or locked.registry, flags.plain_http)
    pipeline = Contracts.read(typed(flags.pipeline))
    found = list(problems(locked, to, pipeline, key))
    for problem in found:
        print(problem)
    print(f"{len(locked.images)} images, {len(found)} disagreements")
    return 2 if found else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 no disagreement; 2 a line for each disagreement; 75 the registry does not answer."""
    return exit_code(lambda: run(parser().parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
