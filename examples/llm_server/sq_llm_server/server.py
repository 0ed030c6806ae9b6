"""The server: chat completions, files and batches."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from sq_llm_server.answers import answer
from sq_llm_server.batch_api import BatchApi
from sq_llm_server.batch_faults import BatchFaults
from sq_llm_server.batches import Batches
from sq_llm_server.faults import STATUSES, Faults
from sq_llm_server.files import Files
from sq_llm_server.latency import Latency
from sq_llm_server.limits import RateLimiter, RateLimits
from sq_llm_server.replies import Raw, error, faulty, tokens_of, torn

PATH = "/v1/chat/completions"
FAULT_HEADER = "x-fault"
_NO_ROOM = 429
_BACKLOG = 1024


class LlmServer:
    """Writes a line of JSON to a log for each call, before it sends the answer. With a key, calls without it get 401.

    `answer` gives the content for a chat request, or a `Raw` answer. KeyError, TypeError and ValueError become status
    400. A line has `request`, `status` and `fault`. `request` is the `digest_of` the body, so that tests can recognise
    a repeated call. A line of a batch is logged as a call, with the field `batch`. As a context manager the server
    runs in a thread of its own.
    """

    def __init__(
        self,
        port: int = 0,
        log: Path | None = None,
        faults: Faults | None = None,
        host: str = "127.0.0.1",
        key: str = "",
        answer: Callable[[dict], str | Raw] = answer,
        latency: Latency | None = None,
        limits: RateLimits | None = None,
        batch_faults: BatchFaults | None = None,
    ) -> None:
        self.key = key
        self.answer = answer
        self.faults = faults or Faults()
        self.calls: list[dict] = []
        self._latency = latency or Latency()
        self._limiter = RateLimiter(limits or RateLimits())
        self._under_way = 0
        self._log = log
        # It listens from now on, so that clients may connect before it serves.
        self._socket = socket.create_server((host, port), backlog=_BACKLOG)
        files = Files()
        self.batches = Batches(files, batch_faults or BatchFaults(), self._answer_line)
        routes = BatchApi(files, self.batches, self._refuse).routes()
        app = Starlette(routes=[*routes, Route("/{path:path}", self._handle, methods=["POST"])])
        self._server = uvicorn.Server(
            uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=1)
        )

    @property
    def url(self) -> str:
        """The base_url for clients."""
        host, port = self._socket.getsockname()[:2]
        return f"http://{host}:{port}/v1"

    @property
    def idle(self) -> bool:
        """Whether no call is in progress, so that `calls` has all calls."""
        return self._under_way == 0

    def serve_forever(self) -> None:
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> LlmServer:
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    async def _handle(self, request: Request) -> Response:
        with self._counted():
            try:
                body = await request.body()
            except ClientDisconnect:
                return Response(status_code=400)
            fault = self.faults.next(request.headers.get(FAULT_HEADER, ""))
            if self.faults.delay_seconds:
                await asyncio.sleep(self.faults.delay_seconds)
            if fault == "slow":
                await asyncio.sleep(self.faults.slow_seconds)
            reply = await self._reply(request, body, fault)
            if fault == "no_flex" and reply.status != _NO_ROOM:
                fault = ""
            hang_up = fault == "hang_up"
            self._note({"request": digest_of(body), "status": 0 if hang_up else reply.status, "fault": fault})
            return torn(reply.data) if hang_up else reply.response(self._limiter.headers())

    async def _reply(self, request: Request, body: bytes, fault: str) -> Raw:
        if request.url.path != PATH:
            return error(404, f"no {request.url.path}")
        if refusal := self._refuse(request):
            return refusal
        if fault == "quota":
            return error(429, "You exceeded your current quota.", code="insufficient_quota")
        if fault in STATUSES:
            after = {"retry-after": f"{self.faults.retry_after_seconds:g}"} if fault == "429" else {}
            return error(int(fault), f"fault {fault}", after, type="injected")
        if wait := self._limiter.admit(tokens_of(body.decode("utf-8", "replace"))):
            after = {"retry-after-ms": f"{wait * 1000:.0f}", "retry-after": f"{int(wait) + 1}"}
            return error(429, "Rate limit reached", after, code="rate_limit_exceeded")
        # A model that takes its time has the answer only then.
        await asyncio.sleep(self._latency.seconds(digest_of(body)) if self._latency.median_seconds else 0)
        try:
            return self._answered(json.loads(body), fault)
        except ValueError as failure:
            return error(400, str(failure))

    def _answered(self, asked: dict, fault: str) -> Raw:
        if fault == "no_flex" and asked.get("service_tier") == "flex":
            return error(_NO_ROOM, "Resource Unavailable", type="resource_unavailable", code="resource_unavailable")
        for name in self.faults.refuse:
            if name in asked:
                return error(400, f"Unsupported parameter: '{name}'", param=name, code="unsupported_parameter")
        try:
            content = self.answer(asked)
            return content if isinstance(content, Raw) else faulty(asked, content, fault)
        except (ValueError, KeyError, TypeError) as failure:
            return error(400, str(failure))

    def _answer_line(self, asked: dict, batch_id: str, fault: str) -> Raw:
        """The reply to a line of a batch."""
        reply = error(500, "fault 500", type="injected") if fault == "500" else self._answered(asked, fault)
        digest = digest_of(json.dumps(asked).encode())
        self._note({"request": digest, "status": reply.status, "fault": fault, "batch": batch_id})
        return reply

    def _refuse(self, request: Request) -> Raw | None:
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return error(401, "no such key", code="invalid_api_key")
        return None

    def _note(self, call: dict) -> None:
        self.calls.append(call)
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(call) + "\n")

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1


def digest_of(body: bytes) -> str:
    """sha256 of a body's JSON with sorted keys, in hexadecimal."""
    with suppress(ValueError):
        body = json.dumps(json.loads(body), sort_keys=True, ensure_ascii=False).encode()
    return hashlib.sha256(body).hexdigest()
