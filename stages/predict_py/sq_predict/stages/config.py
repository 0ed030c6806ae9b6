"""What the stages take from their configuration."""

from __future__ import annotations

from pathlib import Path

from google.protobuf.message import Message

from sq.v1.judge_inference_pb2 import JudgeInference
from sq_handoff import ArtefactReader
from sq_stagekit import InputError

MODEL = "judge_inference.model"
SOURCE = "judge_inference.source_uri"
STORE = "judge_inference.store_uri"
_KEY = "judge_inference.public_key_file"


def keys_of(config: JudgeInference) -> list[Path]:
    """The public keys to trust in place of the pod's. Raises InputError if the file is missing."""
    keys = [Path(config.public_key_file)] if config.public_key_file else []
    for key in keys:
        if not key.is_file():
            raise InputError(_KEY, f"there is no file {key}", "give a public key (PEM)")
    return keys


def single(reader: ArtefactReader) -> Message:
    """The only record of an artefact. Raises InputError."""
    records = list(reader)
    if len(records) != 1:
        raise InputError("--input", f"{reader.uri} has {len(records)} records, not one", "clear the task that wrote it")
    return records[0]
