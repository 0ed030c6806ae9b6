"""Names of runs."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sq_stagekit.errors import InputError

_CHARACTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
# A dash makes a flag of it, and files that begin with a dot or an underscore are not data to many tools.
_NOT_FIRST = "-_."
_LENGTH = 100


def new_run_id() -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def check_run_id(run_id: str) -> None:
    """Raises InputError for a run id that is not suitable as a value of a flag and as the name of a folder."""
    if not set(run_id) <= _CHARACTERS or run_id[:1] in ("", *_NOT_FIRST) or len(run_id) > _LENGTH:
        fix = f"use at most {_LENGTH} letters, digits, dashes, underscores and dots; start with a letter or digit"
        raise InputError("--run-id", f"{run_id!r} is not a valid run id", fix)
