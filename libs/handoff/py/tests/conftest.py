import subprocess
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from gs_server import xml_uploads
from local_servers import await_port, free_port, program, s3_bucket


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """s3:// URI of an empty bucket on a local S3 server; AWS_* point at the server."""
    with s3_bucket(tmp_path_factory.mktemp("s3")) as uri:
        yield uri


@pytest.fixture(scope="session")
def gs_bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """gs:// URI of an empty bucket on fake-gcs-server; STORAGE_EMULATOR_HOST points at the server."""
    server_program, port = program("SQ_FAKE_GCS", "fake-gcs-server"), free_port()
    flags = ["-scheme=http", "-backend=memory", "-host=127.0.0.1", f"-port={port}", "-log-level=error"]
    log = tmp_path_factory.mktemp("gs") / "log"
    with pytest.MonkeyPatch.context() as patch, log.open("wb") as sink, xml_uploads("127.0.0.1", port) as url:
        # The server answers reads by the XML API for this host only.
        server = subprocess.Popen([server_program, *flags, f"-public-host=127.0.0.1:{port}"], stdout=sink, stderr=sink)
        try:
            await_port(port, server)
            made = Request(f"{url}/storage/v1/b", b'{"name": "lake"}', {"Content-Type": "application/json"})
            urlopen(made, timeout=10).close()
            patch.setenv("STORAGE_EMULATOR_HOST", url)
            yield "gs://lake"
        finally:
            server.terminate()
            server.wait()
