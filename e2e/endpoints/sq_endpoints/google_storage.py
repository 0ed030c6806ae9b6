"""fake-gcs-server: Google Cloud Storage's JSON API, in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from sq_e2e.servers import await_url, free_port, running


@contextmanager
def google_storage(program: Path, folder: Path, bucket: str) -> Iterator[str]:
    """Runs an emulator with an empty bucket. Yields its URL, for STORAGE_EMULATOR_HOST."""
    port, log = free_port(), folder / "gs.log"
    command = [str(program), "-scheme=http", "-backend=memory", "-host=127.0.0.1", f"-port={port}", "-log-level=error"]
    url = f"http://127.0.0.1:{port}"
    with running([*command, f"-public-host=127.0.0.1:{port}"], log) as server:
        await_url(f"{url}/_internal/healthcheck", server, log)
        httpx.post(f"{url}/storage/v1/b", json={"name": bucket}).raise_for_status()
        yield url
