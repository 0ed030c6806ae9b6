"""A container registry with a password."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sq_cluster.servers import server
from sq_e2e.servers import free_port


@dataclass(frozen=True)
class Registry:
    """Debian's docker-registry behind a password.

    Attributes:
        config: Docker's config.json with its credentials, for crane and for the cluster.
    """

    port: int
    config: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def registry(folder: Path, names: Sequence[str]) -> Iterator[Registry]:
    """Runs a registry.

    Args:
        names: host names that clients use besides its address.
    """
    port, user, password = free_port(), "puller", secrets.token_hex(12)
    folder.mkdir(parents=True)
    line = subprocess.run(
        ["/usr/bin/python3", "-c", _HTPASSWD, user, password], capture_output=True, text=True, check=True
    ).stdout
    (folder / "htpasswd").write_text(line)
    settings = {
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}},
        "http": {"addr": f"127.0.0.1:{port}"},
        "auth": {"htpasswd": {"realm": "sq", "path": str(folder / "htpasswd")}},
    }
    (folder / "config.yml").write_text(json.dumps(settings))
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    config = json.dumps({"auths": {name: {"auth": token} for name in [f"127.0.0.1:{port}", *names]}})
    (folder / "docker").mkdir()
    (folder / "docker/config.json").write_text(config)
    command = ["/usr/bin/docker-registry", "serve", folder / "config.yml"]
    with server(command, folder / "log", ("127.0.0.1", port)):
        yield Registry(port, config)


# The registry accepts only bcrypt, which the C library's crypt provides. The cost is the smallest, because each request
# of a push pays it.
_HTPASSWD = (
    "import crypt, sys; salt = crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16);"
    "print(f'{sys.argv[1]}:{crypt.crypt(sys.argv[2], salt)}')"
)
