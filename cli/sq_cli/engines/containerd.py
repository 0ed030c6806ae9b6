"""containerd, through its client ctr."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from sq_cli.engines.commands import on_loopback, output, pipe, succeeds
from sq_cli.engines.container import Container
from sq_cli.image_archive import write_oci_archive
from sq_cli.images import Image
from sq_stagekit.errors import InputError, TryAgainError

# ctr's own default.
_ADDRESS = "/run/containerd/containerd.sock"


class Containerd:
    """Requires root. Runs images as their own user: not every version of ctr can set another.

    CONTAINERD_ADDRESS and CONTAINERD_NAMESPACE are ctr's own variables. ctr accepts credentials only on its command
    line, so pull images of a private registry first.
    """

    name = "ctr"

    def is_available(self) -> bool:
        # Where there is no socket, ctr waits for one.
        socket = Path(os.environ.get("CONTAINERD_ADDRESS", _ADDRESS).removeprefix("unix://"))
        return os.geteuid() == 0 and socket.is_socket() and succeeds("ctr", "--connect-timeout=5s", "version")

    def load(self, image: Image) -> str:
        reference = image.reference or f"sq.local/{image.name}:{image.digest.removeprefix('sha256:')[:32]}"
        if reference in output("ctr", "images", "list", "--quiet").split():
            return reference
        if image.layout is None:
            plain = ["--plain-http"] if on_loopback(reference) else []
            output("ctr", "images", "pull", *plain, reference)
        else:
            pipe(lambda stdin: write_oci_archive(image.layout, reference, stdin), "ctr", "images", "import", "-")
        return reference

    def command(self, container: Container, private: Path) -> list[str]:
        return [
            "ctr",
            "run",
            "--rm",
            "--net-host",
            "--read-only",
            "--seccomp",
            f"--env-file={_environment_file(container, private)}",
            *(
                f"--mount=type=bind,src={mount.source},dst={mount.target},options="
                f"rbind:{'ro' if mount.read_only else 'rw'}"
                for mount in container.mounts
            ),
            container.reference,
            container.name,
            container.program,
            *container.arguments,
        ]

    def environment(self, container: Container) -> Mapping[str, str]:
        return os.environ

    def remove(self, prefix: str) -> None:
        for name in output("ctr", "containers", "list", "--quiet").split():
            if name.startswith(prefix):
                # The task may have ended already, and have removed its container.
                with contextlib.suppress(TryAgainError):
                    output("ctr", "tasks", "delete", "--force", name)
                with contextlib.suppress(TryAgainError):
                    output("ctr", "containers", "delete", name)


def _environment_file(container: Container, private: Path) -> Path:
    lines = []
    for name, value in container.environment.items():
        if "\n" in value:
            raise InputError(name, "has more than one line, which ctr cannot pass", "use podman or docker")
        lines.append(f"{name}={value}\n")
    path = private / "environment"
    path.touch(mode=0o600)
    path.write_text("".join(lines), encoding="utf-8")
    return path
