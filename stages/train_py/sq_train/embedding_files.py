"""Finds the two files of a sentence embedding: ONNX weights and a tokenizer."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sq_handoff import StorageAway, StorageRefused, Store
from sq_stagekit import InputError, TryAgainError
from sq_trained.embedding import MODEL_FILE, TOKENIZER_FILE, Embedding

FIELD = "--embedding"
# A judge without one compares words alone, and is much faster.
NONE = "none"
# Where the build puts all-MiniLM-L6-v2 (int8), by //WORKSPACE.
_BUILT = "minilm/files"


def read_embedding(uri: str) -> tuple[bytes, bytes] | None:
    """Weights and tokenizer of a folder or URI that has one *.onnx and one *tokenizer.json.

    Args:
        uri: "" for the one built in; "none" for none.

    Raises:
        InputError: there are none, or several.
        TryAgainError: the store does not answer.
    """
    if uri == NONE:
        return None
    place = uri or _built_in()
    try:
        store = Store.at(place)
        names = store.list()
        found = [[name for name in names if name.endswith(ending)] for ending in (".onnx", "tokenizer.json")]
        if any(len(one) != 1 for one in found):
            problem = f"{place} must have one *.onnx and one *tokenizer.json, and has {', '.join(names) or 'no files'}"
            raise InputError(FIELD, problem, "give the folder of a sentence embedding")
        return store.get(found[0][0]), store.get(found[1][0])
    except ValueError as error:
        raise InputError(FIELD, str(error), "give a path, file://, s3:// or gs://") from error
    except StorageAway as error:
        raise TryAgainError(str(error)) from error
    except StorageRefused as error:
        raise InputError(FIELD, str(error), error.fix) from error


def open_embedding(embedding: tuple[bytes, bytes] | None) -> Embedding | None:
    """Opens weights and tokenizer, where there are any. Raises InputError if they cannot be run."""
    if embedding is None:
        return None
    with tempfile.TemporaryDirectory(prefix="sq-train-") as name:
        for file, content in zip((MODEL_FILE, TOKENIZER_FILE), embedding, strict=True):
            (Path(name) / file).write_bytes(content)
        try:
            return Embedding(Path(name))
        # ONNX Runtime and tokenizers have no narrower type for files that they cannot read.
        except Exception as error:
            raise InputError(FIELD, f"cannot be run: {error}", "give a sentence embedding as ONNX") from error


def _built_in() -> str:
    for path in _places():
        if path.is_dir():
            return str(path)
    raise InputError(FIELD, "there is no embedding beside this program", "give the folder of a sentence embedding")


def _places() -> Iterator[Path]:
    """Runfiles: those of RUNFILES_DIR, and those that this file lies in; then the folder of packages in the image."""
    if os.environ.get("RUNFILES_DIR"):
        yield Path(os.environ["RUNFILES_DIR"]) / _BUILT
    above = Path(__file__).absolute().parents
    yield from (above[depth] / _BUILT for depth in (4, 1) if depth < len(above))
