"""When the next call may start, from all that limits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sq_llm.pace.breaker import Breaker
from sq_llm.pace.bucket import Bucket
from sq_llm.pace.concurrency import Concurrency
from sq_llm.pace.headers import Stated, retry_after


@dataclass(frozen=True)
class Told:
    """What the end of a call says about the service.

    Attributes:
        overloaded: the service refused the call for its load or its limits.
        failed: the service gave no answer; always true if it was overloaded.
        tokens: that the call used; None if it is unknown.
        headers: of the answer, with names in lower case.
    """

    overloaded: bool = False
    failed: bool = False
    tokens: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Pace:
    """The limits of calls to one service: calls at once, requests and tokens a minute, and the circuit breaker.

    Times are seconds of any clock that never goes back.

    Args:
        high, low: bounds of the calls at once.
        requests_per_minute, tokens_per_minute: upper limits; 0 for the service's own.
    """

    def __init__(
        self,
        high: int,
        low: int = 1,
        requests_per_minute: float = 0,
        tokens_per_minute: float = 0,
        now: float = 0.0,
    ) -> None:
        self.concurrency = Concurrency(low, high)
        self.breaker = Breaker(now)
        self._requests = Bucket(requests_per_minute, now)
        self._tokens = Bucket(tokens_per_minute, now)
        self._in_progress: dict[int, tuple[int, float]] = {}  # tokens, and when it started

    @property
    def in_progress(self) -> int:
        return len(self._in_progress)

    def delay(self, tokens: int, now: float) -> float:
        """Seconds until a call of this size may start; infinite if another call has to end first."""
        wait = max(self.breaker.delay(now), self._requests.delay(1, now), self._tokens.delay(tokens, now))
        return float("inf") if self.in_progress >= self.concurrency.limit else wait

    def start(self, tokens: int, now: float) -> int:
        """Counts a call that starts. Returns its number, for `end` or `abandon`."""
        self.breaker.start()
        self._requests.take(1, now)
        self._tokens.take(tokens, now)
        number = self.concurrency.start(now)
        self._in_progress[number] = tokens, now
        return number

    def end(self, number: int, told: Told, now: float) -> None:
        """Takes the end of a call."""
        estimate, began = self._in_progress.pop(number)
        # First: the call that ends an outage shows no level that works.
        if self.breaker.end(failed=told.failed or told.overloaded, now=now, asked=retry_after(told.headers)):
            self.concurrency.restart()
        self.concurrency.end(number, now - began, now, refused=told.overloaded)
        if told.tokens is not None:
            self._tokens.take(told.tokens - estimate, now)
        self._requests.hear(Stated.of(told.headers, "requests"), self.in_progress, now)
        self._tokens.hear(
            Stated.of(told.headers, "tokens"), sum(tokens for tokens, _ in self._in_progress.values()), now
        )
        if told.overloaded:
            self._requests.drain(now)

    def abandon(self, number: int) -> None:
        """Takes back a call that was cancelled."""
        del self._in_progress[number]
        self.concurrency.abandon()
        self.breaker.give_up()
