"""Opens a model's folder: copies it, verifies the copy, and only then reads anything of it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import json_format

from sq.v1.model_card_pb2 import ModelCard
from sq_handoff import StorageAway, StorageRefused, Store
from sq_stagekit import InputError, TryAgainError
from sq_trained.keys import keys_folder, trusted_keys
from sq_trained.model import CARD_FILE, Model
from sq_trained.signature import SIGNATURE_FILE, UntrustedError, verify

_RETRAIN = "train it again with sq train"


@dataclass(frozen=True)
class OpenModel:
    """A model and the digest of its folder: sha256 over all files but the signature."""

    model: Model
    digest: str


def open_model(uri: str, field: str, public_keys: Sequence[Path] = ()) -> OpenModel:
    """Opens the model at a path or URI.

    Args:
        field: of the configuration, for errors.
        public_keys: those to trust in place of this machine's.

    Raises:
        InputError: there is no model, no trusted key signed it, it was altered, or it is of another version.
        TryAgainError: the store does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="sq-model-") as name:
        copy = Path(name)
        _copy(uri, copy, field)
        try:
            verify(copy, public_keys or trusted_keys())
        except UntrustedError as error:
            trust = f"trust its key: copy the public key to {keys_folder() / 'trusted'}/NAME.pub, or {_RETRAIN}"
            raise InputError(field, f"the model {uri} is not run: {error}", trust) from error
        try:
            card = json_format.Parse((copy / CARD_FILE).read_text(encoding="utf-8"), ModelCard())
            return OpenModel(Model(card, copy), folder_digest(copy))
        except (json_format.ParseError, ValueError) as error:
            raise InputError(field, f"the model {uri} is not run: {error}", _RETRAIN) from error


def folder_digest(folder: Path) -> str:
    """sha256 (hexadecimal) over names and contents of all files but the signature."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / SIGNATURE_FILE:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            whole.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return whole.hexdigest()


def _copy(uri: str, target: Path, field: str) -> None:
    try:
        store = Store.at(uri)
        names = store.list()
        if CARD_FILE not in names:
            raise InputError(field, f"there is no model at {uri}: no {CARD_FILE}", "give a folder that sq train wrote")
        for name in names:
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(store.get(name))
    except ValueError as error:
        raise InputError(field, str(error), "give a path, file://, s3:// or gs://") from error
    except StorageAway as error:
        raise TryAgainError(str(error)) from error
    except StorageRefused as error:
        raise InputError(field, str(error), error.fix) from error
