"""Debian's docker-registry on a free port, with a password."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

USER, PASSWORD = "pusher", "correct horse"
# htpasswd -nbB pusher "correct horse"
HTPASSWD = "pusher:$2y$05$4WK9IpOKYDv4Zx4DEAG/kuOS7YPNZUWegfov8ceYO24R3NclTCz6S\n"


@dataclass(frozen=True)
class Registry:
    address: str
    docker_config: Path

    def request(self, method: str, path: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self.address)
        token = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"
        connection.request(method, path, headers={"Authorization": f"Basic {token}", "Accept": accept})
        return connection.getresponse()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Registry]:
    """Runs a registry for the block. Its docker_config is a folder with credentials."""
    port = _free_port()
    address = f"127.0.0.1:{port}"
    (folder / "htpasswd").write_text(HTPASSWD)
    config = {
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}, "delete": {"enabled": True}},
        "http": {"addr": address},
        "auth": {"htpasswd": {"realm": "test", "path": str(folder / "htpasswd")}},
    }
    (folder / "config.yml").write_text(json.dumps(config))
    (folder / "docker").mkdir()
    token = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    (folder / "docker/config.json").write_text(json.dumps({"auths": {address: {"auth": token}}}))
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            ["/usr/bin/docker-registry", "serve", str(folder / "config.yml")], stdout=log, stderr=log
        )
    try:
        _wait(server, port, folder / "log")
        yield Registry(address, folder / "docker")
    finally:
        server.terminate()
        server.wait()


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"docker-registry does not answer:\n{log.read_text()}")
