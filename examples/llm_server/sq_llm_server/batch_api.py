"""The calls of files and batches over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from sq_llm_server.batches import Batches
from sq_llm_server.faults import STATUSES
from sq_llm_server.files import Files
from sq_llm_server.replies import Raw, error, torn

Reply = Callable[[Request, bytes], Raw]


class _Refusal(Protocol):
    def __call__(self, request: Request) -> Raw | None: ...


class BatchApi:
    """Adds files and batches to a server.

    Args:
        refuse: the answer to a call without the right key; None if it has it.
    """

    def __init__(self, files: Files, batches: Batches, refuse: _Refusal) -> None:
        self._files = files
        self._batches = batches
        self._refuse = refuse

    def routes(self) -> Iterator[Route]:
        for path, method, reply in (
            ("/v1/files", "POST", self._upload),
            ("/v1/files/{id}/content", "GET", self._content),
            ("/v1/batches", "POST", self._create),
            ("/v1/batches", "GET", self._list),
            ("/v1/batches/{id}", "GET", self._look),
            ("/v1/batches/{id}/cancel", "POST", self._cancel),
        ):
            yield Route(path, self._handler(reply), methods=[method])

    def _handler(self, reply: Reply) -> Callable:
        async def handle(request: Request) -> Response:
            try:
                body = await request.body()
            except ClientDisconnect:
                return Response(status_code=400)
            fault = self._batches.faults.calls.next()
            if fault in STATUSES:
                said = error(int(fault), f"fault {fault}", type="injected")
            else:
                said = self._refuse(request) or self._answered(reply, request, body)
            # The call did its work, and its answer is lost.
            return torn(said.data) if fault == "hang_up" else said.response()

        return handle

    def _answered(self, reply: Reply, request: Request, body: bytes) -> Raw:
        try:
            return reply(request, body)
        except KeyError as missing:
            return error(404, f"no {missing}")
        except ValueError as wrong:
            return error(400, str(wrong))

    def _upload(self, request: Request, body: bytes) -> Raw:
        return self._files.upload(request.headers.get("content-type", ""), body)

    def _content(self, request: Request, _body: bytes) -> Raw:
        return Raw(self._files.content(request.path_params["id"]), content_type="application/octet-stream")

    def _create(self, _request: Request, body: bytes) -> Raw:
        return self._batches.create(body)

    def _list(self, request: Request, _body: bytes) -> Raw:
        return self._batches.page(int(request.query_params.get("limit", 0)), request.query_params.get("after", ""))

    def _look(self, request: Request, _body: bytes) -> Raw:
        return Raw(self._batches.all[request.path_params["id"]])

    def _cancel(self, request: Request, _body: bytes) -> Raw:
        return self._batches.cancel(request.path_params["id"])
