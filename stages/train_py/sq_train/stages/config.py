"""What the stages take from their configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sq.v1.judge_training_pb2 import JudgeTraining
from sq_models import Reference, parse_reference
from sq_stagekit import InputError

MODEL = "judge_training.model"
LABELS = "judge_training.labels"
_KEY = "judge_training.public_key_file"
# Fields of the program's flags, as the configuration names them.
_FLAGS: Mapping[str, str] = {
    "--labels": LABELS,
    "--catalogue": "judge_training.catalogue",
    "--embedding": "judge_training.embedding_uri",
    "--out": "--output",
}


def model_of(config: JudgeTraining) -> Reference:
    """The model whose versions are trained. Raises InputError."""
    return parse_reference(config.model_uri, MODEL)


def keys_of(config: JudgeTraining) -> list[Path]:
    """The public keys to trust in place of the pod's. Raises InputError if the file is missing."""
    keys = [Path(config.public_key_file)] if config.public_key_file else []
    for key in keys:
        if not key.is_file():
            raise InputError(_KEY, f"there is no file {key}", "give a public key (PEM)")
    return keys


@contextmanager
def as_configured() -> Iterator[None]:
    """Errors of the program's flags become those of the configuration's fields."""
    try:
        yield
    except InputError as error:
        raise InputError(_FLAGS.get(error.field, error.field), error.problem, error.fix) from error
