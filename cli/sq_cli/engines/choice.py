"""Chooses the container engine."""

from __future__ import annotations

from sq_cli.engines.containerd import Containerd
from sq_cli.engines.docker import Docker
from sq_cli.engines.engine import Engine
from sq_cli.engines.podman import Podman
from sq_stagekit.errors import InputError

ENGINES: tuple[Engine, ...] = (Docker(), Podman(), Containerd())


def choose_engine(name: str = "") -> Engine:
    """The engine of that name, or the first that is available.

    Raises:
        InputError: it is not available, or none is.
    """
    known = ", ".join(engine.name for engine in ENGINES)
    candidates = [engine for engine in ENGINES if name in ("", engine.name)]
    if not candidates:
        raise InputError("--engine", f"{name!r} is not a container engine", f"give one of {known}")
    for engine in candidates:
        if engine.is_available():
            return engine
    problem = f"{name} is not available" if name else f"none of {known} is available"
    fix = "install it and start its service (ctr requires root), or use --runtime process"
    raise InputError("--engine", problem, fix)
