"""Starts the sample shop's search service."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_START_SECONDS = 60


@contextmanager
def search_service(program: Path, data: Path, listen: str = "127.0.0.1:0") -> Iterator[str]:
    """sq-searchd over a folder of the sample generator; gives its URL and ends it afterwards.

    Raises:
        RuntimeError: it ended, or did not listen within a minute.
    """
    with tempfile.TemporaryDirectory(prefix="sq-searchd-") as folder:
        url_file, log = Path(folder) / "url", Path(folder) / "log"
        with log.open("wb") as sink:
            server = subprocess.Popen(
                [str(program), "--data", str(data), "--listen", listen, "--url-file", str(url_file)],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
            )
        try:
            yield _await_url(server, url_file, log)
        finally:
            server.terminate()
            server.wait()


def _await_url(server: subprocess.Popen, url_file: Path, log: Path) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        url = url_file.read_text(encoding="utf-8").strip() if url_file.exists() else ""
        if url:
            return url
        time.sleep(0.05)
    raise RuntimeError(f"the search service did not start:\n{log.read_text(errors='replace')[-2000:]}")
