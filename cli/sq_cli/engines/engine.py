"""What `sq` needs of a container engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from sq_cli.engines.container import Container
from sq_cli.images import Image


class Engine(Protocol):
    """A container engine of this machine, used through its own command."""

    name: str

    def is_available(self) -> bool:
        """Whether its command is installed and its service, if it has one, answers."""
        ...

    def load(self, image: Image) -> str:
        """Loads or pulls an image, unless the engine has it. Returns its name there. Raises TryAgainError."""
        ...

    def command(self, container: Container, private: Path) -> list[str]:
        """The command that runs a container in the foreground, with its signals, its stderr and its exit code.

        Args:
            private: a folder that no other user can read, for what must be in files.
        """
        ...

    def environment(self, container: Container) -> Mapping[str, str]:
        """The environment of that command."""
        ...

    def remove(self, prefix: str) -> None:
        """Removes every container whose name starts with the prefix, even if it is running."""
        ...
