"""Which container engine is used."""

from __future__ import annotations

from sq_cli.engines.containerd import Containerd
from sq_cli.engines.docker import Docker
from sq_cli.engines.engine import Engine
from sq_cli.engines.podman import Podman
from sq_stagekit.errors import InputError

ENGINES: tuple[Engine, ...] = (Docker(), Podman(), Containerd())


def choose_engine(name: str = "") -> Engine:
    """The engine of a name, or the first that answers.

    Raises:
        InputError: it does not answer, or none does.
    """
    known = ", ".join(engine.name for engine in ENGINES)
    asked = [engine for engine in ENGINES if name in ("", engine.name)]
    if not asked:
        raise InputError("--engine", f"{name!r} is no container engine", f"give one of {known}")
    for engine in asked:
        if engine.answers():
            return engine
    problem = f"{name or f'none of {known}'} answers here" if not name else f"{name} does not answer"
    raise InputError("--engine", problem, "install it and start its service (ctr needs root), or use --runtime process")
