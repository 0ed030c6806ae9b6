"""A model's folder: copied to a private place, verified there, and read only then."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from sq_models.keys import keys_folder, trusted_keys
from sq_models.signature import SIGNATURE_FILE, UntrustedError, verify
from sq_models.storage import storage_of, store_at
from sq_stagekit import InputError

CARD_FILE = "card.json"
# Python writes it beside a module that somebody imports where it lies. It is not copied, so nothing of it runs.
_BYTECODE = "__pycache__"


@contextmanager
def verified_copy(uri: str, field: str, public_keys: Sequence[Path] = ()) -> Iterator[Path]:
    """A private copy of a folder, which a trusted key signed as it is. It is removed at the end.

    Args:
        uri: path or URI of the folder.
        field: of the configuration, for errors.
        public_keys: those to trust in place of this machine's.

    Raises:
        InputError: there is no model, no trusted key signed it, or it was altered.
        TryAgainError: the store does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="sq-model-") as name:
        copy = Path(name)
        copy_folder(uri, copy, field)
        try:
            verify(copy, public_keys or trusted_keys())
        except UntrustedError as error:
            trust = f"copy the public key that you trust to {keys_folder() / 'trusted'}/NAME.pub"
            fix = f"{trust}, or make the model again with sq train or sq model sign"
            raise InputError(field, f"the model {uri} is not run: {error}", fix) from error
        yield copy


def copy_folder(uri: str, target: Path, field: str) -> None:
    """Copies a model's folder, without bytecode. Raises InputError, TryAgainError."""
    with storage_of(field):
        store = store_at(uri, field)
        names = [name for name in store.list() if _BYTECODE not in PurePosixPath(name).parts]
        if CARD_FILE not in names:
            fix = "give a folder that sq train wrote, or a signed one with a card"
            raise InputError(field, f"there is no model at {uri}: no {CARD_FILE}", fix)
        for name in names:
            if ".." in PurePosixPath(name).parts:
                raise InputError(field, f"{uri} has an object {name}", "remove it: no name may leave the folder")
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(store.get(name))


def folder_digest(folder: Path) -> str:
    """sha256 (hexadecimal) over names and contents of all files but the signature and bytecode."""
    whole = hashlib.sha256()
    for path in model_files(folder):
        if path != folder / SIGNATURE_FILE:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            whole.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return whole.hexdigest()


def model_files(folder: Path) -> list[Path]:
    """The files of a model, sorted, without bytecode."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in found if _BYTECODE not in path.relative_to(folder).parts]
