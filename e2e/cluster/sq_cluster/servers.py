"""The servers around the cluster: registry, storage, search, a model, mailbox and webhook."""

from __future__ import annotations

import base64
import http.server
import json
import os
import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.controller import Controller

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


@dataclass(frozen=True)
class Registry:
    """Debian's docker-registry behind a password.

    Attributes:
        config: Docker's config.json with its credentials, for crane and for the cluster.
    """

    port: int
    config: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def registry(folder: Path, names: Sequence[str]) -> Iterator[Registry]:
    """Runs a registry.

    Args:
        names: host names that clients use besides its address.
    """
    port, user, password = free_port(), "puller", secrets.token_hex(12)
    folder.mkdir(parents=True)
    line = subprocess.run(
        ["/usr/bin/python3", "-c", _HTPASSWD, user, password], capture_output=True, text=True, check=True
    ).stdout
    (folder / "htpasswd").write_text(line)
    settings = {
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}},
        "http": {"addr": f"127.0.0.1:{port}"},
        "auth": {"htpasswd": {"realm": "sq", "path": str(folder / "htpasswd")}},
    }
    (folder / "config.yml").write_text(json.dumps(settings))
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    config = json.dumps({"auths": {name: {"auth": token} for name in [f"127.0.0.1:{port}", *names]}})
    (folder / "docker").mkdir()
    (folder / "docker/config.json").write_text(config)
    command = ["/usr/bin/docker-registry", "serve", folder / "config.yml"]
    with server(command, folder / "log", ("127.0.0.1", port)):
        yield Registry(port, config)


# The registry accepts only bcrypt, which the C library's crypt provides. The cost is the smallest, because each request
# of a push pays it.
_HTPASSWD = (
    "import crypt, sys; salt = crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16);"
    "print(f'{sys.argv[1]}:{crypt.crypt(sys.argv[2], salt)}')"
)


@dataclass(frozen=True)
class Storage:
    """An S3 server."""

    url: str
    access_key: str
    secret_key: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }


@contextmanager
def storage(program: Path, folder: Path, host: str, buckets: Sequence[str]) -> Iterator[Storage]:
    """versitygw over a folder: objects on s3:// for the pods, and files for the checks."""
    for bucket in buckets:
        (folder / "data" / bucket).mkdir(parents=True)
    port, key, secret = free_port(host), "sq-stages", secrets.token_hex(16)
    command = [program, "--port", f"{host}:{port}", "posix", folder / "data"]
    keys = {"ROOT_ACCESS_KEY": key, "ROOT_SECRET_KEY": secret}
    with server(command, folder / "log", (host, port), **keys):
        yield Storage(f"http://{host}:{port}", key, secret)


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


@dataclass
class Mailbox:
    """The mails and the webhook messages that were received."""

    smtp_port: int
    http_port: int
    letters: list[str] = field(default_factory=list)
    messages: list[dict] = field(default_factory=list)


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Runs a mail server and a web server that keep what they receive."""
    box = Mailbox(free_port(), free_port())

    class Letters:
        async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
            box.letters.append(envelope.content.decode(errors="replace"))
            return "250 kept"

    class Messages(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            box.messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    smtp = Controller(Letters(), hostname="127.0.0.1", port=box.smtp_port)
    smtp.start()
    web = http.server.ThreadingHTTPServer(("127.0.0.1", box.http_port), Messages)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    try:
        yield box
    finally:
        web.shutdown()
        smtp.stop()
