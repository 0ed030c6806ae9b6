"""A shop of two products, with a search service, for `sq doctor`."""

from __future__ import annotations

import io
import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sq_cli.commands.doctor import doctor
from sq_cli.programs import project_roots

PRODUCTS = [
    {"id": "p1", "title": "Red shirt", "brand": "Acme", "colour": "red"},
    {"id": "p2", "title": "Blue hat", "brand": "Bolt", "colour": "blue"},
]
# Answers of an engine without hits, and with one hit that has a title alone.
EMPTY = '{"hits": {"total": {"value": 0, "relation": "eq"}, "hits": []}}'
BARE = json.dumps(
    {"hits": {"total": {"value": 1, "relation": "eq"}, "hits": [{"_id": "1", "_source": {"id": "1", "title": "A"}}]}}
)
_START_SECONDS = 60


def configuration(folder: Path, url: str) -> dict:
    """Writes the files of the shop, and returns a run configuration."""
    (folder / "log.csv").write_text("query,count\nred shirt,3\nblue hat,2\n", encoding="utf-8")
    lines = "".join(json.dumps(product) + "\n" for product in PRODUCTS)
    (folder / "catalogue.ndjson").write_text(lines, encoding="utf-8")
    fields = {"id": "id", "title": "title", "brand": "brand", "attributes": [{"field": "colour"}]}
    market = {
        "market": "uk",
        "generate": {
            "source_language": "en",
            "target_language": "en",
            "log": {"uri": ["log.csv"]},
            "catalogue": {"uri": "catalogue.ndjson", "fields": fields},
        },
        "retrieve": {"opensearch": {"url": url, "index": "uk", "search_fields": ["title"]}, "fields": fields},
        "evaluate": {"baseline": {}},
    }
    return {"name": "shop", "workspace_uri": "runs", "markets": [market]}


def run_doctor(folder: Path, config: dict) -> tuple[int, dict[str, str]]:
    """The exit code, and the line of each check by its name."""
    path = folder / "run.yaml"
    path.write_text(json.dumps(config), encoding="utf-8")
    with redirect_stdout(io.StringIO()) as output:
        code = doctor(path)
    lines = [line.split(maxsplit=1) for line in output.getvalue().splitlines()]
    return code, {rest.split(":")[0]: f"{mark} {rest}" for mark, rest in lines}


@contextmanager
def searchd(folder: Path) -> Iterator[str]:
    """sq-searchd over the products; gives its URL."""
    data = folder / "searchd"
    data.mkdir()
    (data / "searchd.json").write_text(json.dumps({"markets": [{"market": "uk", "language": "en"}]}))
    (data / "index.uk.ndjson").write_text("".join(json.dumps(product) + "\n" for product in PRODUCTS))
    url_file = data / "url"
    server = subprocess.Popen(
        [_program(), "--data", str(data), "--url-file", str(url_file)],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not (url_file.exists() and url_file.read_text().strip()):
            assert server.poll() is None and time.monotonic() < deadline, "sq-searchd did not start"
            time.sleep(0.05)
        yield url_file.read_text().strip()
    finally:
        server.terminate()
        server.wait()


def _program() -> str:
    folders = [Path(os.environ.get("SQ_PROGRAMS", "/none")), *(root / "examples/searchd" for root in project_roots())]
    return str(next(folder / "sq-searchd" for folder in folders if (folder / "sq-searchd").is_file()))


@contextmanager
def answering(status: int, body: str = "", location: str = "", refuse: str = "", refusal: str = "") -> Iterator[str]:
    """A server with one answer to everything but requests that have the text to refuse; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            refused = bool(refuse) and refuse in asked
            answer = refusal if refused else body
            self.send_response(400 if refused else status)
            if location:
                self.send_header("location", location)
            self.send_header("content-length", str(len(answer.encode())))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
