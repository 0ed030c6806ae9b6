"""Docker."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from sq_cli.engines.container import Container
from sq_cli.engines.engine import answers, mount_flags, said, with_values
from sq_cli.image_archive import write_docker_archive
from sq_cli.images import Image
from sq_stagekit.errors import TryAgainError


class Docker:
    """Loads layouts as archives. Credentials of registries are Docker's own."""

    name = "docker"

    def answers(self) -> bool:
        return answers("docker", "version")

    def bring(self, image: Image) -> str:
        reference = image.reference or f"{image.name}:{image.digest.removeprefix('sha256:')[:32]}"
        if answers("docker", "image", "inspect", reference):
            return reference
        if image.layout is None:
            said("docker", "pull", "--quiet", reference)
        else:
            _load(image.layout, reference)
        return reference

    def command(self, container: Container, private: Path) -> list[str]:
        return [
            "docker",
            "run",
            "--rm",
            "--pull=never",
            f"--name={container.name}",
            "--network=host",
            "--read-only",
            "--cap-drop=all",
            "--security-opt=no-new-privileges",
            # The log is followed here; nothing reads another copy.
            "--log-driver=none",
            f"--user={container.user}",
            *mount_flags(container, "source", "target", ",readonly"),
            *(f"--env={name}" for name in container.environment),
            f"--entrypoint={container.program}",
            container.reference,
            *container.arguments,
        ]

    def environment(self, container: Container) -> Mapping[str, str]:
        return with_values(container)

    def clear(self, prefix: str) -> None:
        left = said("docker", "ps", "--all", "--quiet", f"--filter=name=^{prefix}").split()
        if left:
            said("docker", "rm", "--force", *left)


def _load(layout: Path, name: str) -> None:
    with subprocess.Popen(["docker", "load"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as load:
        try:
            write_docker_archive(layout, name, load.stdin)
            load.stdin.close()
        except BrokenPipeError:
            pass  # its own words are on stderr, its exit code says it below
    if load.returncode != 0:
        raise TryAgainError(f"docker load of {name} failed with {load.returncode}")
