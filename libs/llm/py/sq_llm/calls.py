"""Calls that overlap while their answers are taken in the order of the requests.

So is the budget: what call n may still spend depends on the calls before n only, never on which answer came first, and
work that was stopped and started again ends where undisturbed work ends.
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
            answer: gets a request and whether the budget has room for it; called from other threads.

        Raises:
            whatever `answer` and `check_stop` raise; calls under way are waited for first, since they are paid for.
        """
        pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix="calls")
        window: deque[tuple[R, Usage, Future[A]]] = deque()
        try:
            for request in requests:
                self._check_stop()
                if len(window) >= self._concurrency:
                    yield self._settled(*window.popleft())
                while not (granted := self._budget.reserve(request.estimate)) and window:
                    # Estimates run high: what calls under way really use may leave enough.
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
