"""podman, as root or not."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sq_cli.engines.container import Container
from sq_cli.engines.engine import answers, mount_flags, on_loopback, said, with_values
from sq_cli.images import Image


class Podman:
    """Takes OCI layouts as they are. Credentials of registries are podman's own."""

    name = "podman"

    def answers(self) -> bool:
        return answers("podman", "version")

    def bring(self, image: Image) -> str:
        if image.layout is not None:
            # Answers at once for layers it has. It makes a name of the path it is told, which few whole paths can be.
            pull = ("podman", "pull", "--quiet", f"oci:{image.layout.name}")
            return said(*pull, folder=image.layout.parent).split()[-1]
        if not answers("podman", "image", "exists", image.reference):
            plain = ["--tls-verify=false"] if on_loopback(image.reference) else []
            said("podman", "pull", "--quiet", *plain, image.reference)
        return image.reference

    def command(self, container: Container, private: Path) -> list[str]:
        return [
            "podman",
            "run",
            "--rm",
            "--pull=never",
            f"--name={container.name}",
            "--network=host",
            "--read-only",
            "--read-only-tmpfs=false",
            "--cap-drop=all",
            "--security-opt=no-new-privileges",
            # The log is followed here; nothing reads another copy.
            "--log-driver=none",
            # Proxies are passed by name like the rest.
            "--http-proxy=false",
            f"--user={container.user}",
            *([] if os.geteuid() == 0 else ["--userns=keep-id"]),
            *mount_flags(container, "source", "target", ",readonly"),
            *(f"--env={name}" for name in container.environment),
            f"--entrypoint={container.program}",
            container.reference,
            *container.arguments,
        ]

    def environment(self, container: Container) -> Mapping[str, str]:
        return with_values(container)

    def clear(self, prefix: str) -> None:
        left = said("podman", "ps", "--all", "--quiet", f"--filter=name=^{prefix}").split()
        if left:
            said("podman", "rm", "--force", "--ignore", *left)
