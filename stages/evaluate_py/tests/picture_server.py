"""A shop's picture server on the loopback, and names that resolve as a test wants."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image

JPEG = {"Content-Type": "image/jpeg"}


def picture(size=(40, 30), colour="red", form="JPEG", mode="RGB", **more) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, form, **more)
    return out.getvalue()


class PictureServer:
    """Answers GET by path: bytes of a JPEG, a (status, headers, body), or a function that writes to the handler.

    Attributes:
        asked: paths, in order.
        headers: of the last request.
    """

    def __init__(self) -> None:
        self.pages: dict[str, bytes | tuple | Callable] = {}
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                outer.headers = self.headers
                page = outer.pages.get(self.path, (404, {}, b""))
                if callable(page):
                    page(self)
                    return
                status, headers, body = page if isinstance(page, tuple) else (200, JPEG, page)
                reply(self, status, {"Content-Length": str(len(body)), **headers}, body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> PictureServer:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def reply(handler, status, headers, body=b""):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def dripping(handler):
    """A byte now and then, for longer than any test waits."""
    reply(handler, 200, JPEG | {"Content-Length": "10000"})
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        try:
            handler.wfile.write(b"x")
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.02)


class Names:
    """Stands in for the resolver of the machine: each name has a list of answers, the last of which stays."""

    def __init__(self, monkeypatch, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): list(given) for name, given in answers.items()}
        self.asked: list[str] = []
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._resolve)

    def _resolve(self, host, port, *more, **named):
        name = host.decode() if isinstance(host, bytes) else host
        if name not in self.answers:
            return self._real(host, port, *more, **named)
        self.asked.append(name)
        given = self.answers[name]
        found = given.pop(0) if len(given) > 1 else given[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (one, port, 0, 0))
            if ":" in one
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in found
        ]
