"""One container, as every engine runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sq_stagekit.errors import InputError

# They are separators in an engine's --mount flag.
_SEPARATORS = set(',"\n')


@dataclass(frozen=True)
class Mount:
    """A file or folder of this machine inside the container.

    Raises:
        InputError: no engine accepts this path.
    """

    source: Path
    target: Path
    read_only: bool = True

    def __post_init__(self) -> None:
        for path in (self.source, self.target):
            if _SEPARATORS & set(str(path)):
                problem = f"{str(path)!r} contains a comma, a quote or a line break, and cannot be mounted"
                raise InputError("--runtime container", problem, "rename it, or use --runtime process")


@dataclass(frozen=True)
class User:
    """Numeric user and group."""

    uid: int
    gid: int

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}"


@dataclass(frozen=True)
class Container:
    """A container with a read-only root and the host's network, without privileges beyond its user's.

    Attributes:
        name: unique on this machine.
        reference: of the image, as the engine's load() returned it.
        mounts: in the order of mounting; a folder comes before what is mounted below it.
        environment: values may be secret, so they must not appear on a command line.
    """

    name: str
    reference: str
    user: User
    program: str
    arguments: tuple[str, ...]
    mounts: tuple[Mount, ...]
    environment: Mapping[str, str] = field(repr=False)
