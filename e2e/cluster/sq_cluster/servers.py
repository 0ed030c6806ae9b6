"""The other servers around the cluster: search services and a stand-in for a model."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sq_e2e.opensearch_index import index_documents
from sq_e2e.servers import free_port, opensearch, running
from sq_llm_server import LlmServer

_START_SECONDS = 300


def await_address(host: str) -> None:
    """Waits until this machine has an address. Raises RuntimeError after the time limit."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            free_port(host)
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"this machine has no address {host}: the bridge of the cluster did not start")


@contextmanager
def server(command: Sequence[object], log: Path, ready: tuple[str, int], **environment: str) -> Iterator[None]:
    """Runs a server in its own session, once its port is open. Raises RuntimeError with the end of its log."""
    with running([str(part) for part in command], log, env=os.environ | environment) as process:
        _await(process, ready, log)
        yield


def _await(process: subprocess.Popen, ready: tuple[str, int], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(ready, 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{ready[0]}:{ready[1]} does not answer:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def search(program: Path, data: Path, log: Path, host: str) -> Iterator[str]:
    """Runs the sample shop's search service. Yields its URL."""
    port = free_port(host)
    with server([program, "--data", data, "--listen", f"{host}:{port}"], log, (host, port)):
        yield f"http://{host}:{port}"


@contextmanager
def search_engine(distribution: Path, folder: Path, host: str, indexes: Mapping[str, Path]) -> Iterator[str]:
    """Runs OpenSearch with one index for each file of JSON lines. Yields its URL."""
    folder.mkdir(mode=0o755)
    with opensearch(distribution, folder, host, heap="512m") as url:
        for name, documents in indexes.items():
            lines = documents.read_text(encoding="utf-8").splitlines()
            index_documents(f"{url}/{name}", ((json.loads(line)["id"], line) for line in lines))
        yield url


@contextmanager
def model(host: str) -> Iterator[LlmServer]:
    """Runs a stand-in for a paid model. It answers only requests with its key."""
    with LlmServer(host=host, key=secrets.token_hex(16)) as server_:
        yield server_
