"""Overlapping calls, whose answers are handled in the order of the requests.

The budget follows the same order: what call n may spend depends only on the calls before it, not on which answer
arrived first. So a run that was interrupted and restarted ends with the same result as one that was not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

from sq_llm.budget import Budget
from sq_llm.usage import Usage


class _Request(Protocol):
    @property
    def estimate(self) -> Usage: ...


class _Answer(Protocol):
    @property
    def used(self) -> Usage: ...


R = TypeVar("R", bound=_Request)
A = TypeVar("A", bound=_Answer)


class Calls:
    """Makes calls within a budget, at most `concurrency` of them at once."""

    def __init__(self, budget: Budget, concurrency: int, check_stop: Callable[[], None]) -> None:
        self._budget = budget
        self._concurrency = concurrency
        self._check_stop = check_stop

    def each(self, requests: Iterable[R], answer: Callable[[R, bool], A]) -> Iterator[tuple[R, A]]:
        """Each request with its answer, in order.

        Args:
            answer: gets a request and whether the budget allows the call; runs in other threads.

        Raises:
            whatever `answer` and `check_stop` raise, after calls in progress have ended, because they are paid for.
        """
        pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix="calls")
        window: deque[tuple[R, Usage, Future[A]]] = deque()
        try:
            for request in requests:
                self._check_stop()
                if len(window) >= self._concurrency:
                    yield self._settled(*window.popleft())
                while not (granted := self._budget.reserve(request.estimate)) and window:
                    # Estimates are high. The actual usage of calls in progress may leave enough.
                    yield self._settled(*window.popleft())
                reserved = request.estimate if granted else Usage()
                window.append((request, reserved, pool.submit(answer, request, granted)))
            while window:
                yield self._settled(*window.popleft())
        finally:
            pool.shutdown(cancel_futures=True)

    def _settled(self, request: R, reserved: Usage, call: Future[A]) -> tuple[R, A]:
        answer = call.result()
        self._budget.settle(reserved, answer.used)
        return request, answer
