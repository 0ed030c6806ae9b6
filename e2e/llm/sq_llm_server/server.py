"""The HTTP server: POST /v1/chat/completions."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sq_llm_server.answers import answer
from sq_llm_server.faults import Faults

PATH = "/v1/chat/completions"
FAULT_HEADER = "x-fault"


@dataclass(frozen=True)
class Raw:
    """A whole answer, as services and gateways give that differ from the protocol."""

    body: dict | bytes
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class LlmServer(ThreadingHTTPServer):
    """Writes a line of JSON to a log for each call, before it sends the answer. With a key, calls without it get 401.

    `answer` gives the content for a chat request, or a `Raw` answer. KeyError, TypeError and ValueError become status
    400.
    A line has `request`, `status` and `fault`. `request` is the sha256 of the body's JSON with sorted keys, so that
    tests can recognise a repeated call.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        port: int = 0,
        log: Path | None = None,
        faults: Faults | None = None,
        host: str = "127.0.0.1",
        key: str = "",
        answer: Callable[[dict], str | Raw] = answer,
    ) -> None:
        super().__init__((host, port), _Handler)
        self.key = key
        self.answer = answer
        self.faults = faults or Faults()
        self.calls: list[dict] = []
        self._under_way = 0
        self._log = log
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The base_url for clients."""
        return f"http://{self.server_address[0]}:{self.server_port}/v1"

    @property
    def idle(self) -> bool:
        """Whether no call is in progress, so that `calls` has all calls."""
        with self._lock:
            return self._under_way == 0

    @contextmanager
    def under_way(self) -> Iterator[None]:
        with self._lock:
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    def note(self, call: dict) -> None:
        with self._lock:
            self.calls.append(call)
            if self._log is not None:
                with self._log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(call) + "\n")

    def handle_error(self, request: object, client_address: object) -> None:
        """Does not print connection errors: some checks kill the client."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def __enter__(self) -> LlmServer:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: LlmServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        fault = self.server.faults.next(self.headers.get(FAULT_HEADER, ""))
        if self.path != PATH:
            self._reply(404, {"error": {"message": f"no {self.path}", "type": "invalid_request_error"}}, body, fault)
            return
        if self.server.key and self.headers.get("authorization") != f"Bearer {self.server.key}":
            self._reply(401, {"error": {"message": "no such key", "type": "invalid_request_error"}}, body, fault)
            return
        if fault == "slow":
            time.sleep(self.server.faults.slow_seconds)
        if fault == "hang_up":
            self.server.note(_call(body, 0, fault))
            self.close_connection = True
            return
        if fault.isdigit():
            self._fail(int(fault), body, fault)
            return
        try:
            request = json.loads(body)
            content = self.server.answer(request)
        except (ValueError, KeyError, TypeError) as error:
            self._reply(400, {"error": {"message": str(error), "type": "invalid_request_error"}}, body, fault)
            return
        if isinstance(content, Raw):
            self._send(content.status, content.data, content.content_type, body, fault, content.headers)
            return
        if fault == "html":
            self._send(200, b"<html>gateway</html>", "text/html", body, fault)
            return
        self._reply(200, completion(request, *_spoilt(content, fault)), body, fault)

    def _fail(self, status: int, body: bytes, fault: str) -> None:
        error = {"error": {"message": f"fault {status}", "type": "injected", "code": None}}
        after = {"Retry-After": f"{self.server.faults.retry_after_seconds:g}"} if status == 429 else {}
        self._reply(status, error, body, fault, after)

    def _reply(
        self, status: int, document: dict, body: bytes, fault: str, headers: dict[str, str] | None = None
    ) -> None:
        self._send(status, json.dumps(document).encode(), "application/json", body, fault, headers)

    def _send(
        self,
        status: int,
        data: bytes,
        content_type: str,
        body: bytes,
        fault: str,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.server.note(_call(body, status, fault))
        try:
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(data)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            # The client was killed or timed out.
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Prints nothing: the server has its own log."""


def _call(body: bytes, status: int, fault: str) -> dict:
    return {"request": hashlib.sha256(_sorted(body)).hexdigest(), "status": status, "fault": fault}


def _sorted(body: bytes) -> bytes:
    try:
        return json.dumps(json.loads(body), sort_keys=True, ensure_ascii=False).encode()
    except ValueError:
        return body


def _spoilt(content: str, fault: str) -> tuple[str | None, str | None, str]:
    """(content, refusal, finish_reason) of an answer with a fault."""
    match fault:
        case "garbage":
            return "Sure! Here are the grades: 4, 4, 4", None, "stop"
        case "refusal":
            return None, "I cannot help with that.", "stop"
        case "length":
            return content[: len(content) // 2], None, "length"
        case "partial":
            document = json.loads(content)
            return json.dumps({name: items[:-1] for name, items in document.items()}), None, "stop"
    return content, None, "stop"


def completion(request: dict, content: str | None, refusal: str | None = None, finish_reason: str = "stop") -> dict:
    """The body of an answer. It counts four characters as a token."""
    prompt_tokens = sum(len(message["content"]) for message in request["messages"]) // 4
    completion_tokens = len(content or refusal or "") // 4
    return {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "created": 0,
        "model": request.get("model", ""),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, "refusal": refusal},
                "finish_reason": finish_reason,
            }
        ],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
        },
    }
