"""An event loop beside the one that calls the model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext, suppress
from typing import Any

from sq_handoff import StorageError


class SideLoop:
    """An event loop in a thread of its own, for one thing after another.

    Args:
        name: of the thread.
        close: is awaited in it at the end.
    """

    def __init__(self, name: str, close: Callable[[], Awaitable[None]]) -> None:
        self._name = name
        self._close = close

    def __enter__(self) -> SideLoop:
        self._loop = asyncio.new_event_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=self._name)
        return self

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        return self._thread.submit(lambda: self._loop.run_until_complete(work(*arguments)))

    def __exit__(self, *error: object) -> None:
        try:
            with suppress(StorageError) if any(error) else nullcontext():
                self.submit(self._close).result()
        finally:
            self._thread.shutdown(wait=True)
            self._loop.close()
