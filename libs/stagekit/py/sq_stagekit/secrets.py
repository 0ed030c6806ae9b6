"""Reads secrets from where the configuration says they are. Their values never reach a log or a message."""

from __future__ import annotations

import os
from pathlib import Path

from sq.v1.source_pb2 import SecretSource
from sq_stagekit.errors import InputError


def read_secret(source: SecretSource, field: str, default_env: str = "") -> str:
    """The secret a source points at, or that of the default variable where the source is unset.

    Raises:
        InputError: the variable is not set, the file cannot be read, or either is empty.
    """
    if source.WhichOneof("source") == "file":
        try:
            secret = Path(source.file).read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(field, f"cannot read {source.file}", "mount the secret there") from error
        where = source.file
    else:
        where = source.env or default_env
        secret = os.environ.get(where, "")
    if not secret:
        raise InputError(field, f"{where or 'the secret'} is empty or not set", "provide the secret there")
    return secret
