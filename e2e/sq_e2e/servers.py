"""Starts and stops real servers on the loopback interface."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

_START_SECONDS = 300


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as listener:
        listener.bind((host, 0))
        return listener.getsockname()[1]


def await_url(url: str, server: subprocess.Popen, log: Path) -> None:
    """Waits until a URL answers with a status below 500. Raises RuntimeError with the end of the log."""
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=2).status_code < 500:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def running(command: Sequence[str], log: Path, **options: Any) -> Iterator[subprocess.Popen]:
    """Runs a server in its own session, with a log file. The server may not be ready yet.

    Args:
        options: further arguments of Popen.
    """
    with log.open("wb") as sink:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True, **options
        )
    try:
        yield server
    finally:
        end(server)


def end(server: subprocess.Popen) -> None:
    """Stops a server and the processes of its session."""
    try:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
    except (ProcessLookupError, subprocess.TimeoutExpired):
        server.kill()
        server.wait()


def _another_user(folder: Path) -> dict:
    """Arguments of Popen that run a process as nobody, who then owns the folder. OpenSearch refuses to run as root."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def opensearch(
    distribution: Path, folder: Path, host: str = "127.0.0.1", heap: str = "1g", modules: Sequence[Path] = ()
) -> Iterator[str]:
    """Runs an OpenSearch of one node. Yields its URL.

    Args:
        distribution: the unpacked zip.
        folder: empty folder for its copy, data and logs. All users must be able to enter its parents.
        host: address of this machine on which it serves.
        heap: memory of its Java heap.
        modules: folders of modules that the distribution lacks, each with its jar and its descriptor.
    """
    home = folder / "opensearch"
    shutil.copytree(distribution, home, symlinks=True)
    for module in modules:
        shutil.copytree(module, home / "modules" / module.name)
    for script in (home / "bin").iterdir():
        script.chmod(0o755)
    port = free_port(host)
    (home / "config/opensearch.yml").write_text(
        f"discovery.type: single-node\nhttp.port: {port}\nhttp.host: {host}\n"
        f"transport.port: {free_port()}\nnetwork.host: 127.0.0.1\n"
        f"path.data: {folder}/data\npath.logs: {folder}/logs\nbootstrap.memory_lock: false\n"
        "cluster.routing.allocation.disk.threshold_enabled: false\n"
    )
    for name in ("data", "logs", "tmp"):
        (folder / name).mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "OPENSEARCH_JAVA_HOME": str(java_home()),
        "OPENSEARCH_JAVA_OPTS": f"-Xms{heap} -Xmx{heap}",
        "OPENSEARCH_TMPDIR": str(folder / "tmp"),
        "HOME": str(folder),
    }
    log = folder / "opensearch.log"
    log.touch()
    command = [str(home / "bin/opensearch")]
    with running(command, log, env=environment, cwd=folder, **_another_user(folder)) as server:
        await_url(f"http://{host}:{port}/_cluster/health", server, log)
        yield f"http://{host}:{port}"


def java_home() -> Path:
    """The home of the Java on PATH. Raises RuntimeError if there is none."""
    java = shutil.which("java")
    if java is None:
        raise RuntimeError("java is not installed: run apt-get install openjdk-17-jre-headless")
    return Path(java).resolve().parents[1]
