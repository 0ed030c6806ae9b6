import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from gs_server import xml_uploads

_START_SECONDS = 60


def _program(variable: str, name: str) -> str:
    """The path of a server: from a variable that the build sets, or from PATH."""
    program = os.environ.get(variable) or shutil.which(name)
    if not program:
        pytest.skip(f"{name} is not installed; set {variable} to its path")
    return str(Path(program).absolute())


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _await_port(port: int, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with socket.socket() as client:
            client.settimeout(0.05)
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("the server did not start")


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """s3:// URI of an empty bucket on a local S3 server; AWS_* point at the server."""
    program, folder, port = _program("SQ_VERSITYGW", "versitygw"), tmp_path_factory.mktemp("s3"), _free_port()
    (folder / "root" / "lake").mkdir(parents=True)
    (folder / "sidecar").mkdir()
    command = [program, "--quiet", "--port", f"127.0.0.1:{port}", "--access", "tester", "--secret", "not-a-secret"]
    with pytest.MonkeyPatch.context() as patch, (folder / "log").open("wb") as log:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "tester")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
        patch.setenv("AWS_REGION", "us-east-1")
        server = subprocess.Popen(
            [*command, "posix", "--sidecar", str(folder / "sidecar"), str(folder / "root")], stdout=log, stderr=log
        )
        try:
            _await_port(port, server)
            yield "s3://lake"
        finally:
            server.terminate()
            server.wait()


@pytest.fixture(scope="session")
def gs_bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """gs:// URI of an empty bucket on fake-gcs-server; STORAGE_EMULATOR_HOST points at the server."""
    program, port = _program("SQ_FAKE_GCS", "fake-gcs-server"), _free_port()
    command = [program, "-scheme=http", "-backend=memory", "-host=127.0.0.1", f"-port={port}", "-log-level=error"]
    log = tmp_path_factory.mktemp("gs") / "log"
    with pytest.MonkeyPatch.context() as patch, log.open("wb") as sink, xml_uploads("127.0.0.1", port) as url:
        # The server answers reads by the XML API for this host only.
        server = subprocess.Popen([*command, f"-public-host=127.0.0.1:{port}"], stdout=sink, stderr=sink)
        try:
            _await_port(port, server)
            made = Request(f"{url}/storage/v1/b", b'{"name": "lake"}', {"Content-Type": "application/json"})
            urlopen(made, timeout=10).close()
            patch.setenv("STORAGE_EMULATOR_HOST", url)
            yield "gs://lake"
        finally:
            server.terminate()
            server.wait()
