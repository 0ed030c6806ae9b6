import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_START_SECONDS = 60


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """s3:// URI of an empty bucket on a local S3 server; AWS_* point at the server."""
    program = os.environ.get("SQ_VERSITYGW") or shutil.which("versitygw")
    if not program:
        pytest.skip("versitygw is not installed; set SQ_VERSITYGW to its path")
    folder = tmp_path_factory.mktemp("s3")
    (folder / "root" / "lake").mkdir(parents=True)
    (folder / "sidecar").mkdir()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [str(Path(program).absolute()), "--quiet", "--port", f"127.0.0.1:{port}"]
    command += ["--access", "tester", "--secret", "not-a-secret"]
    command += ["posix", "--sidecar", str(folder / "sidecar"), str(folder / "root")]
    with pytest.MonkeyPatch.context() as patch, (folder / "log").open("wb") as log:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "tester")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
        patch.setenv("AWS_REGION", "us-east-1")
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _await(port, server)
            yield "s3://lake"
        finally:
            server.terminate()
            server.wait()


def _await(port: int, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with socket.socket() as client:
            client.settimeout(0.05)
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("the server did not start")
