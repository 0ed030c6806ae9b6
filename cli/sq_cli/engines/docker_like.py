"""What docker and podman share: podman accepts docker's command line."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sq_cli.engines.commands import output, succeeds
from sq_cli.engines.container import Container, Mount


class DockerLike:
    """An engine with docker's command line.

    Attributes:
        remove_flags: flags of `rm`.
    """

    name: str
    remove_flags: tuple[str, ...] = ("--force",)

    def is_available(self) -> bool:
        return succeeds(self.name, "version")

    def command(self, container: Container, private: Path) -> list[str]:
        return [
            self.name,
            "run",
            "--rm",
            "--pull=never",
            f"--name={container.name}",
            "--network=host",
            "--read-only",
            "--cap-drop=all",
            "--security-opt=no-new-privileges",
            # sq reads the log; nothing reads another copy.
            "--log-driver=none",
            f"--user={container.user}",
            *self.own_flags(),
            *(_mount_flag(mount) for mount in container.mounts),
            # By name: the values come from environment().
            *(f"--env={name}" for name in container.environment),
            f"--entrypoint={container.program}",
            container.reference,
            *container.arguments,
        ]

    def own_flags(self) -> Sequence[str]:
        """Flags of `run` that only this engine has."""
        return ()

    def environment(self, container: Container) -> Mapping[str, str]:
        return os.environ | container.environment

    def remove(self, prefix: str) -> None:
        left = output(self.name, "ps", "--all", "--quiet", f"--filter=name=^{prefix}").split()
        if left:
            output(self.name, "rm", *self.remove_flags, *left)


def _mount_flag(mount: Mount) -> str:
    return f"--mount=type=bind,source={mount.source},target={mount.target}{',readonly' if mount.read_only else ''}"
