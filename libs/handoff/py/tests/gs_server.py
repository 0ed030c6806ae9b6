"""Adds uploads by the XML API to fake-gcs-server, which lacks them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote, urlsplit

_PASSED = ("content-type", "content-range", "etag", "last-modified", "x-goog-generation")


class _XmlUploads(BaseHTTPRequestHandler):
    """Translates PUT /bucket/object, with its precondition, to the JSON API. Forwards every other request unchanged."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        bucket, name = urlsplit(self.path).path.lstrip("/").split("/", 1)
        path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={quote(unquote(name), safe='')}"
        if generation := self.headers.get("x-goog-if-generation-match"):
            path += f"&ifGenerationMatch={generation}"
        status, _, body = self._ask("POST", path)
        written = json.loads(body) if status == 200 else {}
        headers = {"ETag": written["etag"], "x-goog-generation": str(written["generation"])} if written else {}
        self._answer(status, headers, b"")

    def _forward(self) -> None:
        self._answer(*self._ask(self.command, self.path))

    do_GET = do_HEAD = do_DELETE = do_POST = _forward  # noqa: N815

    def _ask(self, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = HTTPConnection(*self.server.behind)
        sent = {name: value for name, value in self.headers.items() if name.lower() in ("range", "content-type")}
        connection.request(method, path, data if method == "POST" else None, sent)
        answer = connection.getresponse()
        headers = {name: value for name, value in answer.getheaders() if name.lower() in _PASSED}
        if method == "HEAD":
            headers["Content-Length"] = answer.headers["Content-Length"]
        body = answer.read()
        connection.close()
        return answer.status, headers, body

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:
        pass


@contextmanager
def xml_uploads(host: str, port: int) -> Iterator[str]:
    """A proxy for the fake-gcs-server at an address; gives the URL of the proxy."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _XmlUploads)
    server.behind = (host, port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
