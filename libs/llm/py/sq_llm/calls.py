"""Overlapping calls of a model, whose answers are returned in the order of the requests.

Calls settle as they come, so a slow one holds up no other. The budget decides by the order of the requests (see
`Budget`). So a run that was interrupted and restarted ends with the same result as one that was not.
"""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Any, Generic, Protocol, TypeVar

from sq_llm.budget import Budget
from sq_llm.usage import Size, Usage

_MOST_WAITING = 8
_LOOK_SECONDS = 0.5
# Seconds between SIGTERM and SIGKILL; a share of it is for calls that are in progress.
_GRACE_SECONDS, _GRACE_SHARE = 30.0, 0.7


class _Request(Protocol):
    @property
    def size(self) -> Size: ...


class _Answer(Protocol):
    @property
    def used(self) -> Usage: ...


R = TypeVar("R", bound=_Request)
A = TypeVar("A", bound=_Answer)


class Calls(Generic[R, A]):
    """Makes calls within a budget, at most `concurrency` of them at once.

    Args:
        check_stop: raises Stopped after SIGTERM.
        close: is awaited in the calls' event loop when all calls have ended.
        most_waiting: answers that may wait for an earlier one, for each call in progress.
        grace_share: of SQ_GRACE_SECONDS, in which calls in progress may end.
    """

    def __init__(
        self,
        budget: Budget,
        concurrency: int,
        check_stop: Callable[[], None],
        close: Callable[[], Awaitable[None]] | None = None,
        most_waiting: int = _MOST_WAITING,
        grace_share: float = _GRACE_SHARE,
    ) -> None:
        self._close = close
        self._most_waiting = most_waiting
        self._grace_share = grace_share
        self._budget = budget
        self._concurrency = concurrency
        self._check_stop = check_stop

    def each(self, requests: Iterable[R], answer: Callable[[R, bool], Awaitable[A]]) -> Iterator[tuple[R, A]]:
        """Each request with its answer, in order.

        Args:
            answer: gets a request and whether the budget allows a call; runs in an event loop of its own thread.

        Raises:
            whatever `answer` and `check_stop` raise. Calls in progress are paid for, so they may end first, as long as
            SQ_GRACE_SECONDS allow (the time between SIGTERM and SIGKILL, 30 by default).
        """
        with _Loop(self._close, self._grace_share) as loop:
            window = _Window(self._budget, loop, answer)
            coming = iter(requests)
            upcoming = next(coming, None)
            while upcoming is not None or window.size:
                self._check_stop()
                while upcoming is not None and self._has_room(window) and window.start(upcoming):
                    upcoming = next(coming, None)
                yield from window.ready()
                if window.in_progress:
                    window.await_one()

    def _has_room(self, window: _Window[R, A]) -> bool:
        return window.in_progress < self._concurrency and window.size < self._concurrency * self._most_waiting


class _Window(Generic[R, A]):
    """Requests from the first that has no answer yet to the last that was started."""

    def __init__(self, budget: Budget, loop: _Loop, answer: Callable[[R, bool], Awaitable[A]]) -> None:
        self._budget = budget
        self._loop = loop
        self._answer = answer
        self._ended: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._calls: dict[int, tuple[R, Usage, Future[A]]] = {}
        self._answers: dict[int, tuple[R, A]] = {}
        self._first = self._next = 0

    @property
    def in_progress(self) -> int:
        return len(self._calls)

    @property
    def size(self) -> int:
        return self._next - self._first

    def start(self, request: R) -> bool:
        """Starts a request; False if the budget cannot decide yet."""
        granted = self._budget.decide(request.size)
        if granted is None:
            return False
        number, reserved = self._next, self._budget.start(request.size) if granted else Usage()
        call = self._loop.submit(self._answer(request, granted))
        self._calls[number] = (request, reserved, call)
        self._next += 1
        call.add_done_callback(lambda _: self._ended.put(number))
        return True

    def await_one(self) -> None:
        """Waits a moment for a call to end, and settles all that have ended. Raises what a call raised."""
        try:
            number = self._ended.get(timeout=_LOOK_SECONDS)
            while True:
                self._settle(number)
                number = self._ended.get_nowait()
        except queue.Empty:
            return

    def ready(self) -> Iterator[tuple[R, A]]:
        """The answers whose earlier ones were all returned."""
        while self._first in self._answers:
            answer = self._answers.pop(self._first)
            self._first += 1
            yield answer

    def _settle(self, number: int) -> None:
        request, reserved, call = self._calls.pop(number)
        answer = call.result()
        if reserved.calls:
            self._budget.settle(reserved, request.size, answer.used)
        else:
            self._budget.add(answer.used)
        self._answers[number] = (request, answer)


class _Loop:
    """An event loop in a thread."""

    def __init__(self, close: Callable[[], Awaitable[None]] | None, grace_share: float) -> None:
        self._close = close
        self._grace_share = grace_share

    def __enter__(self) -> _Loop:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="calls", daemon=True)
        self._thread.start()
        return self

    def submit(self, call: Awaitable[Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(call, self._loop)

    def __exit__(self, *error: object) -> None:
        grace = self._grace_share * float(os.environ.get("SQ_GRACE_SECONDS") or _GRACE_SECONDS)
        asyncio.run_coroutine_threadsafe(_end_all(grace, self._close), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _end_all(seconds: float, close: Callable[[], Awaitable[None]] | None) -> None:
    """Gives all other tasks some seconds to end, cancels them then, and closes what they used."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        _, late = await asyncio.wait(others, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
    if close is not None:
        await close()
