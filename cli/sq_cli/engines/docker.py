"""Docker."""

from __future__ import annotations

from sq_cli.engines.commands import output, pipe, succeeds
from sq_cli.engines.docker_like import DockerLike
from sq_cli.image_archive import write_docker_archive
from sq_cli.images import Image


class Docker(DockerLike):
    """Loads layouts as archives. Docker has its own credentials for registries."""

    name = "docker"

    def load(self, image: Image) -> str:
        reference = image.reference or f"{image.name}:{image.digest.removeprefix('sha256:')[:32]}"
        if succeeds("docker", "image", "inspect", reference):
            return reference
        if image.layout is None:
            output("docker", "pull", "--quiet", reference)
        else:
            pipe(lambda stdin: write_docker_archive(image.layout, reference, stdin), "docker", "load")
        return reference
