"""Checks of this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from sq_cli.engines.choice import ENGINES
from sq_cli.programs import find_program, read_pipeline
from sq_cli.readiness.finding import Finding, check
from sq_stagekit.errors import InputError

_FREE_BYTES = 1 << 30


def machine() -> Iterator[Finding]:
    """Whether the machine has what a run needs."""
    yield check("wiring", lambda: f"{len(read_pipeline().stages)} stages")
    try:
        names = [stage.contract.entrypoint[0] for stage in read_pipeline().stages]
    except InputError:
        names = []
    for name in names:
        yield check(name, lambda name=name: " ".join(find_program(name)))
    yield Finding("containers", True, _containers())
    yield check("disk", _disk)


def _containers() -> str:
    available = [engine.name for engine in ENGINES if engine.is_available()]
    return ", ".join(available) if available else "no engine is available; only --runtime process works"


def _disk() -> str:
    free = shutil.disk_usage(".").free
    if free < _FREE_BYTES:
        raise InputError("disk", f"this folder has only {free >> 20} MiB of free space", "free at least 1 GiB")
    return f"{free >> 30} GiB free"
