"""fake-gcs-server: Google Cloud Storage's JSON API, in memory."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from sq_e2e.servers import await_url, end, free_port


@contextmanager
def google_storage(program: Path, folder: Path, bucket: str) -> Iterator[str]:
    """An emulator with an empty bucket; gives its URL, for STORAGE_EMULATOR_HOST."""
    port, log = free_port(), folder / "gs.log"
    command = [str(program), "-scheme=http", "-backend=memory", "-host=127.0.0.1", f"-port={port}", "-log-level=error"]
    with log.open("wb") as sink:
        server = subprocess.Popen(
            [*command, f"-public-host=127.0.0.1:{port}"],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        await_url(f"{url}/_internal/healthcheck", server, log)
        httpx.post(f"{url}/storage/v1/b", json={"name": bucket}).raise_for_status()
        yield url
    finally:
        end(server)
