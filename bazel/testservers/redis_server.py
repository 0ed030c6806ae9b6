"""Starts a Redis on a free port of this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_START_SECONDS = 60
_LIBRARIES = ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu")


@dataclass(frozen=True)
class RedisServer:
    """A Redis that runs.

    Attributes:
        url: of its first database.
    """

    url: str
    process: subprocess.Popen


@contextmanager
def redis_server(folder: Path, *flags: str, port: int = 0) -> Iterator[RedisServer]:
    """Runs the Redis that the build unpacked, or that SQ_REDIS_ROOT or PATH has.

    Args:
        folder: for its data and its log.
        flags: more flags, such as "--requirepass", "secret".
        port: 0 for any that is free.

    Raises:
        RuntimeError: there is none, or it does not start.
    """
    root = Path(os.environ.get("SQ_REDIS_ROOT") or Path(__file__).absolute().parents[3] / "debian_redis/root")
    found = str(root / "usr/bin/redis-server") if root.is_dir() else shutil.which("redis-server")
    if not found:
        raise RuntimeError("redis-server is not installed: run apt-get install redis-server, or set SQ_REDIS_ROOT")
    libraries = os.pathsep.join(str(root / name) for name in _LIBRARIES)
    port = port or _free_port()
    command = [found, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", "", *flags]
    with (folder / "redis.log").open("ab") as log:
        process = subprocess.Popen(
            command, env=os.environ | {"LD_LIBRARY_PATH": libraries}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        _await_port(port, process, folder / "redis.log")
        yield RedisServer(f"redis://127.0.0.1:{port}/0", process)
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _await_port(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as client:
            client.settimeout(0.05)
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"redis-server did not start:\n{log.read_text(errors='replace')[-2000:]}")
