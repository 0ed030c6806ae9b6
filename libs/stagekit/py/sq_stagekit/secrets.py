"""Reads secrets from the variable or file that the configuration names; never shows their values."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sq.v1.source_pb2 import SecretSource
from sq_stagekit.errors import InputError

# As variables are usually called. Secrets have small letters, or are longer.
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")


def read_secret(source: SecretSource, field: str, default_env: str = "") -> str:
    """The secret of a source.

    Args:
        field: of the configuration, for errors.
        default_env: variable to read if the source names neither a variable nor a file.

    Raises:
        InputError: the variable is not set, the file cannot be read, or the secret is empty.
        NotImplementedError: the source is in the contract, but not here.
    """
    kind = source.WhichOneof("source")
    if kind not in (None, "env", "file"):
        raise NotImplementedError(f"SecretSource.{kind} is not read: add it to read_secret")
    if kind == "file":
        try:
            secret = Path(source.file).read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(field, f"cannot read {source.file}", "mount the secret there") from error
        where = source.file
    else:
        variable = source.env or default_env
        secret = os.environ.get(variable, "")
        # Somebody may have written the secret itself here.
        where = variable if _VARIABLE.fullmatch(variable) else "the variable that env names"
    if not secret:
        raise InputError(
            field,
            f"{where or 'the secret'} is empty or not set",
            f"put the secret into {where or 'a variable, and name it'}",
        )
    return secret
