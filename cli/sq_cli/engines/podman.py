"""podman, as root or not."""

from __future__ import annotations

import os
from collections.abc import Sequence

from sq_cli.engines.commands import on_loopback, output, succeeds
from sq_cli.engines.docker_like import DockerLike
from sq_cli.images import Image


class Podman(DockerLike):
    """Pulls OCI layouts directly. podman has its own credentials for registries."""

    name = "podman"
    remove_flags = ("--force", "--ignore")

    def load(self, image: Image) -> str:
        if image.layout is not None:
            # podman turns the path into a name, so it must be short. Layers that podman has are not copied again.
            pull = ("podman", "pull", "--quiet", f"oci:{image.layout.name}")
            return output(*pull, folder=image.layout.parent).split()[-1]
        if not succeeds("podman", "image", "exists", image.reference):
            plain = ["--tls-verify=false"] if on_loopback(image.reference) else []
            output("podman", "pull", "--quiet", *plain, image.reference)
        return image.reference

    def own_flags(self) -> Sequence[str]:
        # Proxies are environment variables like others: only named ones are passed.
        flags = ["--read-only-tmpfs=false", "--http-proxy=false"]
        return flags if os.geteuid() == 0 else [*flags, "--userns=keep-id"]
