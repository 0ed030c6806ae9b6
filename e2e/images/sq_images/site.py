"""The registry and the container engines of these checks, all in one folder."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import registry

from release.table import TABLE, read

# sbin is not always on PATH.
_FOLDERS = os.pathsep.join(["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin"])
# A program that shows that a Debian package is installed: the package.
_NEEDS = {
    "containerd": "containerd",
    "docker-registry": "docker-registry",
    "podman": "podman",
    "runc": "runc",
}
# Every image of a release, by its name.
RELEASES = {one.name: one for one in read(TABLE)}


def missing_packages() -> list[str]:
    """Debian packages that the checks need and this machine lacks."""
    return [package for program, package in _NEEDS.items() if shutil.which(program, path=_FOLDERS) is None]


@dataclass(frozen=True)
class Site:
    """A registry with a password, containerd, and podman with its own storage."""

    server: registry.Registry
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that make every tool use this site."""
        return {
            "PATH": _FOLDERS,
            "HOME": str(self.folder),
            "CONTAINERD_ADDRESS": str(self.folder / "containerd.sock"),
            "CONTAINERS_CONF": str(self.folder / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
            "DOCKER_CONFIG": str(self.server.docker_config),
            "REGCTL_CONFIG": str(self.folder / "regctl.json"),
            "RUNFILES_DIR": str(Path.cwd().parent),
        }

    def run(self, *command: object, timeout: float = 300) -> str:
        """Runs a command and returns its stdout. Raises AssertionError with its stderr if it fails."""
        parts = [str(part) for part in command]
        done = subprocess.run(parts, env=self.environment, capture_output=True, text=True, timeout=timeout, check=False)
        assert done.returncode == 0, f"{Path(parts[0]).name} ended with {done.returncode}: {done.stderr[-800:]}"
        return done.stdout

    def reference(self, name: str) -> str:
        return f"{self.server.address}/{name}@{digest(name)}"

    def container(self, name: str, *command: str) -> str:
        """Runs a command in a container of the image, read-only and with the image's user."""
        container = f"{name}-{time.monotonic_ns()}"
        return self.run("ctr", "run", "--rm", "--read-only", self.reference(name), container, *command)


def digest(name: str) -> str:
    return RELEASES[name].image.digest


@contextlib.contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Starts the registry and the engines, and stops them after the block."""
    with registry.running(folder) as server, _containerd(folder), _podman(folder):
        hosts = {"hosts": {server.address: {"tls": "disabled"}}}
        (folder / "regctl.json").write_text(json.dumps(hosts))
        yield Site(server, folder)


@contextlib.contextmanager
def _containerd(folder: Path) -> Iterator[None]:
    socket = folder / "containerd.sock"
    config = folder / "containerd.toml"
    config.write_text(
        f'version = 2\nroot = "{folder}/root"\nstate = "{folder}/state"\n'
        f'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\n  address = "{socket}"\n'
    )
    with (folder / "containerd.log").open("wb") as log:
        process = subprocess.Popen(["containerd", "--config", str(config)], stdout=log, stderr=log)
    try:
        end = time.monotonic() + 60
        while subprocess.run(["ctr", "--address", str(socket), "version"], capture_output=True, check=False).returncode:
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(
                    "containerd did not start within 60 s:\n" + (folder / "containerd.log").read_text()[-2000:]
                )
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def _podman(folder: Path) -> Iterator[None]:
    """Configures podman with runc and default limits, because not every machine allows higher ones."""
    (folder / "containers.conf").write_text(
        "[containers]\ndefault_ulimits = []\n"
        '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
    )
    (folder / "storage.conf").write_text(
        f'[storage]\ndriver = "overlay"\ngraphroot = "{folder}/podman"\nrunroot = "{folder}/podman-run"\n'
    )
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder / "podman/overlay")], capture_output=True, check=False)
