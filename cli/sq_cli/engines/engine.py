"""What a container engine does for us."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from sq_cli.engines.container import Container
from sq_cli.images import Image
from sq_stagekit.errors import TryAgainError

_ANSWER_SECONDS = 20


class Engine(Protocol):
    """A container engine of this machine, driven by its own command."""

    name: str

    def answers(self) -> bool:
        """Whether its command is here and its service, if it has one, answers."""
        ...

    def bring(self, image: Image) -> str:
        """Loads or pulls an image unless it is there; what the engine calls it. Raises TryAgainError."""
        ...

    def command(self, container: Container, private: Path) -> list[str]:
        """The command that runs a container in the foreground: passes signals on, logs to stderr, ends with its code.

        Args:
            private: a folder that nobody else can read, for what has to be in files.
        """
        ...

    def environment(self, container: Container) -> Mapping[str, str]:
        """The environment in which that command is started."""
        ...

    def clear(self, prefix: str) -> None:
        """Removes, running or not, every container whose name begins so."""
        ...


def answers(*command: str) -> bool:
    """Whether a command can be run and succeeds."""
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_ANSWER_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def said(*command: str, folder: Path | None = None) -> str:
    """A command's stdout, from where it ran in the folder. Raises TryAgainError with its own words where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, cwd=folder)
    if done.returncode != 0:
        raise TryAgainError(f"{' '.join(command[:3])} failed: {done.stderr.strip()[-1000:]}")
    return done.stdout


def on_loopback(reference: str) -> bool:
    """Whether an image lies in a registry of this machine, which has no TLS."""
    return reference.partition("/")[0].partition(":")[0] in ("localhost", "127.0.0.1")


def with_values(container: Container) -> dict[str, str]:
    """This process's environment with the container's: for engines that take `--env NAME`."""
    return os.environ | container.environment


def mount_flags(container: Container, source: str, target: str, read_only: str) -> Sequence[str]:
    """A --mount for each mount, in an engine's own words."""
    return [
        f"--mount=type=bind,{source}={mount.source},{target}={mount.target}{read_only if mount.read_only else ''}"
        for mount in container.mounts
    ]
