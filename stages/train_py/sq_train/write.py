"""Writes a model's folder: completely and signed, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from sq.v1.model_card_pb2 import ModelCard
from sq_handoff.canonical_json import canonical_json
from sq_models import CARD_FILE
from sq_models.keys import signing_key
from sq_models.module import MODULE_FILE
from sq_models.signature import sign
from sq_stagekit import InputError
from sq_train.training import Trained
from sq_trained.embedding import MODEL_FILE, TOKENIZER_FILE
from sq_trained.prediction import INTERFACE, MODULE

FIELD = "--out"


def check_free(out: Path) -> None:
    """Raises InputError if the folder exists and is no model: training replaces models only."""
    if out.exists() and not (out / CARD_FILE).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(FIELD, f"{out} exists and is not a model", "give a new folder")


def write_model(out: Path, trained: Trained, embedding: tuple[bytes, bytes] | None) -> None:
    """Writes and signs the folder in place of an older model.

    Raises:
        InputError: the folder, or that of the keys, cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as name:
            draft = Path(name) / "model"
            draft.mkdir()
            for file, content in zip((MODEL_FILE, TOKENIZER_FILE), embedding or (), strict=False):
                (draft / file).write_bytes(content)
            for file, content in trained.trees.items():
                (draft / file).write_bytes(content)
            card = ModelCard(interface=INTERFACE)
            card.MergeFrom(trained.card)
            (draft / CARD_FILE).write_bytes(canonical_json(card) + b"\n")
            (draft / MODULE_FILE).write_text(MODULE, encoding="utf-8")
            sign(draft, signing_key())
            _replace(draft, out, Path(name) / "old")
    except OSError as error:
        raise InputError(FIELD, str(error), "give a folder that can be written") from error


def _replace(draft: Path, out: Path, old: Path) -> None:
    if out.exists():
        os.rename(out, old)
    os.rename(draft, out)
    shutil.rmtree(old, ignore_errors=True)
