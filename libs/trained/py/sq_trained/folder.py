"""Opens a trained judge's model, once its folder is verified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import json_format

from sq.v1.manifest_pb2 import PinnedModel
from sq.v1.model_card_pb2 import ModelCard
from sq_models import CARD_FILE, open_folder
from sq_stagekit import InputError
from sq_trained.model import Model

_RETRAIN = "train it again with sq train"


@dataclass(frozen=True)
class OpenModel:
    """A model, and which one it is.

    Attributes:
        pinned: what was asked for, the version that it is, and the digest of its files.
    """

    model: Model
    pinned: PinnedModel

    @property
    def digest(self) -> str:
        """sha256 (hexadecimal) over all files but the signature."""
        return self.pinned.digest


def open_model(uri: str, field: str, public_keys: Sequence[Path] = ()) -> OpenModel:
    """Opens the model of a bucket (BUCKET/NAME@VERSION, BUCKET/NAME@production) or of a folder.

    Args:
        field: of the configuration, for errors.
        public_keys: those to trust in place of this machine's.

    Raises:
        InputError: there is no model, no trusted key signed it, it was altered, or it is of another version.
        TryAgainError: the store does not answer.
    """
    with open_folder(uri, field, public_keys) as opened:
        try:
            return OpenModel(read_model(opened.path), opened.pinned)
        except (json_format.ParseError, ValueError) as error:
            raise InputError(field, f"the model {uri} is not run: {error}", _RETRAIN) from error


def read_model(folder: Path) -> Model:
    """The model of a folder that was verified before. Raises ValueError if it is of another version."""
    card = json_format.Parse((folder / CARD_FILE).read_text(encoding="utf-8"), ModelCard())
    return Model(card, folder)
