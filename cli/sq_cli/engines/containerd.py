"""containerd, through its ctr."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sq_cli.engines.container import Container
from sq_cli.engines.engine import answers, on_loopback, said
from sq_cli.image_archive import write_oci_archive
from sq_cli.images import Image
from sq_stagekit.errors import InputError, TryAgainError


class Containerd:
    """Needs the rights of root, and runs images as their own user: not every ctr can name another.

    CONTAINERD_ADDRESS and CONTAINERD_NAMESPACE are ctr's own variables. ctr
    takes credentials on its command line only: pull images of a private registry beforehand.
    """

    name = "ctr"

    def answers(self) -> bool:
        return os.geteuid() == 0 and answers("ctr", "--connect-timeout=5s", "version")

    def bring(self, image: Image) -> str:
        reference = image.reference or f"sq.local/{image.name}:{image.digest.removeprefix('sha256:')[:32]}"
        if reference in said("ctr", "images", "list", "--quiet").split():
            return reference
        if image.layout is None:
            plain = ["--plain-http"] if on_loopback(reference) else []
            said("ctr", "images", "pull", *plain, reference)
        else:
            _load(image.layout, reference)
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

    def clear(self, prefix: str) -> None:
        for name in said("ctr", "containers", "list", "--quiet").split():
            if name.startswith(prefix):
                # Its task may be gone already, and one that ended meanwhile takes its container with it.
                with contextlib.suppress(TryAgainError):
                    said("ctr", "tasks", "delete", "--force", name)
                with contextlib.suppress(TryAgainError):
                    said("ctr", "containers", "delete", name)


def _environment_file(container: Container, private: Path) -> Path:
    lines = []
    for name, value in container.environment.items():
        if "\n" in value:
            raise InputError(name, "has more than one line, which ctr cannot pass on", "use podman or docker")
        lines.append(f"{name}={value}\n")
    path = private / "environment"
    path.touch(mode=0o600)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _load(layout: Path, name: str) -> None:
    command = ["ctr", "images", "import", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as load:
        try:
            write_oci_archive(layout, name, load.stdin)
            load.stdin.close()
        except BrokenPipeError:
            pass  # its own words are on stderr, its exit code says it below
    if load.returncode != 0:
        raise TryAgainError(f"ctr images import of {name} failed with {load.returncode}")
