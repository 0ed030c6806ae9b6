"""Starts the servers of tests: programs that the build names in variables, each on a free port of this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_START_SECONDS = 60


def program(variable: str, name: str) -> str:
    """The path of a server: from a variable that the build sets, or from PATH."""
    found = os.environ.get(variable) or shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed; set {variable} to its path")
    return str(Path(found).absolute())


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def await_port(port: int, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with socket.socket() as client:
            client.settimeout(0.05)
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("the server did not start")


@contextmanager
def s3_bucket(folder: Path) -> Iterator[str]:
    """s3:// URI of an empty bucket on a local S3 server; AWS_* point at the server."""
    command, port = program("SQ_VERSITYGW", "versitygw"), free_port()
    (folder / "root" / "lake").mkdir(parents=True)
    (folder / "sidecar").mkdir()
    flags = ["--quiet", "--port", f"127.0.0.1:{port}", "--access", "tester", "--secret", "not-a-secret"]
    posix = ["posix", "--sidecar", str(folder / "sidecar"), str(folder / "root")]
    with pytest.MonkeyPatch.context() as patch, (folder / "log").open("wb") as log:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "tester")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
        patch.setenv("AWS_REGION", "us-east-1")
        server = subprocess.Popen([command, *flags, *posix], stdout=log, stderr=log)
        try:
            await_port(port, server)
            yield "s3://lake"
        finally:
            server.terminate()
            server.wait()
