"""The work key: equal keys mean equal work, so finished work is not repeated."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from pathlib import Path

import rfc8785
from google.protobuf.message import Message

from sq.v1 import options_pb2
from sq_stagekit.command import Command
from sq_stagekit.small_file import read_small_file


def work_key(command: Command) -> str:
    """ "sha256:<hex>" over program or image, configuration, inputs, market and shard."""
    key = {
        "stage": command.stage,
        "image": program_digest(),
        "configuration": configuration_digest(that_matters(command.config)),
        "inputs": [[item.name, item.digest] for item in command.input_artefacts()],
        "market": command.market,
        "shard": command.shard_text,
    }
    return _sha256(rfc8785.dumps(key))


def program_digest() -> str:
    """SQ_IMAGE_DIGEST; if unset, a digest over every file of the sq_* packages on the import path."""
    return os.environ.get("SQ_IMAGE_DIGEST") or _own_files_digest()


def configuration_digest(config: Message) -> str:
    """ "sha256:<hex>" over the deterministic encoding of a configuration."""
    return _sha256(config.SerializeToString(deterministic=True))


def that_matters(config: Message) -> Message:
    """A configuration without the fields that are outside the work key, such as budgets.

    A file whose content matters is there by its digest, in place of its URI.

    Raises:
        InputError, TryAgainError: such a file cannot be read.
    """
    kept = type(config)()
    kept.CopyFrom(config)
    _keep_what_matters(kept, "")
    return kept


def _keep_what_matters(message: Message, path: str) -> None:
    for field, value in message.ListFields():
        options = field.GetOptions().Extensions
        if options[options_pb2.outside_work_key]:
            message.ClearField(field.name)
        elif options[options_pb2.content_in_work_key]:
            setattr(message, field.name, _sha256(read_small_file(value, f"{path}{field.name}")))
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for place, inner in enumerate(value if field.is_repeated else (value,)):
                at = f"[{place}]" if field.is_repeated else ""
                _keep_what_matters(inner, f"{path}{field.name}{at}.")


@functools.cache
def _own_files_digest() -> str:
    # Reversed, so that of two folders with the same package the first on the path wins, as in an import.
    packages = {
        path.name: path for folder in reversed(sys.path) for path in Path(folder or ".").glob("sq_*") if path.is_dir()
    }
    digest = hashlib.sha256()
    for _, package in sorted(packages.items()):
        for path in sorted(package.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(package.parent)}\0".encode() + path.read_bytes())
    return f"sha256:{digest.hexdigest()}"


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
