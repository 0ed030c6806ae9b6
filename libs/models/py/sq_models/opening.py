"""Opens a model of a bucket, or of a folder: private copy, signature, registry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sq.v1.manifest_pb2 import PinnedModel
from sq_handoff.location import join
from sq_models.folder import folder_digest, verified_copy
from sq_models.reference import Reference, is_reference, parse_reference
from sq_models.registry import Registry
from sq_stagekit import InputError


@dataclass(frozen=True)
class OpenFolder:
    """A verified copy of a model's folder.

    Attributes:
        pinned: what was asked for, and the version that it is.
    """

    path: Path
    pinned: PinnedModel

    @property
    def digest(self) -> str:
        return self.pinned.digest


@contextmanager
def open_folder(uri: str, field: str, public_keys: Sequence[Path] = ()) -> Iterator[OpenFolder]:
    """The model at BUCKET/NAME@VERSION, BUCKET/NAME@production, or in a folder. The copy is removed at the end.

    Args:
        field: of the configuration, for errors.
        public_keys: those to trust in place of this machine's.

    Raises:
        InputError: there is no such model, no trusted key signed it, it was altered, or it is not the registered one.
        TryAgainError: the store does not answer.
    """
    if not is_reference(uri):
        with verified_copy(uri, field, public_keys) as copy:
            yield OpenFolder(copy, PinnedModel(reference=uri, uri=uri, digest=folder_digest(copy)))
        return
    asked = parse_reference(uri, field)
    entry = Registry(asked, field).resolve(asked.version)
    version = asked.at(entry.version)
    with verified_copy(_folder(version), field, public_keys) as copy:
        digest = folder_digest(copy)
        if digest != entry.digest:
            problem = f"the model {version} is not run: its files are not those that were registered"
            raise InputError(field, problem, f"register the right folder again: sq model register FOLDER {version}")
        yield OpenFolder(copy, PinnedModel(reference=uri, uri=str(version), digest=digest))


def _folder(version: Reference) -> str:
    return join(version.uri, version.version)
