"""Decides which paid calls may be made."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from threading import Lock

from sq.v1.manifest_pb2 import ModelUsage
from sq_llm.limits import Limits
from sq_llm.usage import Size, Usage

# The most that a later call may use beyond the most that calls used so far, relative to its size.
_MARGIN = 1.25
# Answers after which a batch relies on what they used.
_ENOUGH_ANSWERS = 30


class Budget:
    """Decides whether a request may be sent, and counts what was used. Threads may share it.

    Ask for the requests in their order. Request n may be sent if what requests 1 to n - 1 used and the estimate of n
    fit the limits. That is known once no other request is in progress. Before, it is certain if the limits hold even in
    the worst case. So the decision depends on no timing, and usage exceeds the limits by one call at most.

    Args:
        most_calls: that one request may need, with its retries.
        most_output_tokens: of one call.
        batched: requests are answered in batches, at the reduced price. Thousands are in progress at once, so their
            worst case is what answers had at most so far, and a quarter more, once there are 30.
    """

    def __init__(
        self, limits: Limits, most_calls: int = 1, most_output_tokens: int = 0, *, batched: bool = False
    ) -> None:
        self.limits = limits
        self._most_calls = most_calls
        self._most_output = most_output_tokens
        self._batched = batched
        self._spent = Usage()
        self._worst_in_progress = Usage()
        self._in_progress = 0
        self._size_in_progress = Size(0, 0)
        # The most that calls used, relative to their size: input tokens a byte, output tokens an expected token.
        self._input_rate = 0.0
        self._output_rate = 0.0
        self._answers = 0
        self._lock = Lock()
        self._refused = Size(0, 0)
        self._refusals = 0
        self.ended = False

    @property
    def spent(self) -> Usage:
        return self._spent

    def usage(self) -> ModelUsage:
        """What was spent so far, with the limits, for a manifest."""
        spent, limits = self._spent, self.limits
        return ModelUsage(
            calls=spent.calls,
            input_tokens=spent.input_tokens,
            cached_tokens=spent.cached_tokens,
            output_tokens=spent.output_tokens,
            usd=limits.cost(spent),
            max_calls=limits.calls,
            max_tokens=limits.tokens,
            max_usd=limits.usd,
            budget_ended=self.ended,
            reduced_tokens=spent.reduced.input + spent.reduced.output,
            fallbacks=spent.fallbacks,
        )

    def enough(self) -> dict[str, float]:
        """Limits of the whole budget, by field of sq.v1.Budget, that suffice for all requests asked for so far.

        The requests that were not sent are estimated by those that were.
        """
        with self._lock:
            rest = replace(self._estimate(self._refused), calls=self._refusals)
            return self.limits.enough_for(self._spent + rest)

    def decide(self, size: Size) -> bool | None:
        """Whether the next request may be sent. None: unknown until requests in progress have ended.

        A request of no bytes needs no call, so it may not, and the budget does not end by it.
        """
        if not size.input_bytes:
            return False
        with self._lock:
            if self.ended:
                return self._refuse(size)
            if self._is_certain(size):
                return True
            if self._in_progress:
                return None
            self.ended = not self.limits.allow(self._spent + self._estimate(size))
            return self._refuse(size) if self.ended else True

    def start(self, size: Size) -> Usage:
        """Reserves what a request may use at most, until `settle` gets it back."""
        with self._lock:
            return self._reserve(size)

    def extend(self, size: Size) -> Usage | None:
        """As `start`, for a request that follows from one in progress. None if it might exceed the limits.

        In batches: if it is likely to.
        """
        with self._lock:
            fits = self._is_likely(size) if self._batched else self._is_certain(size)
            self.ended = self.ended or not fits
            if self.ended:
                self._refuse(size)
                return None
            return self._reserve(size)

    def settle(self, reserved: Usage, size: Size, used: Usage) -> None:
        """Replaces what `start` or `extend` reserved with what the request used."""
        with self._lock:
            self._in_progress -= 1
            self._size_in_progress -= size
            self._worst_in_progress -= reserved
            self._spent += used
            if used.output_tokens:
                self._answers += 1
                self._input_rate = max(self._input_rate, used.input_tokens / max(size.input_bytes, 1) / used.calls)
                self._output_rate = max(self._output_rate, used.output_tokens / max(size.output_tokens, 1) / used.calls)

    def add(self, used: Usage) -> None:
        """Counts what a request used that reserved nothing."""
        with self._lock:
            self._spent += used

    def _refuse(self, size: Size) -> bool:
        """Counts a request that is not sent; returns False."""
        self._refused += size
        self._refusals += 1
        return False

    def _is_certain(self, size: Size) -> bool:
        """Whether the request fits even if all requests in progress use the most they can."""
        return self.limits.allow(self._spent + self._worst_in_progress + self._worst(size))

    def _is_likely(self, size: Size) -> bool:
        """Whether the request fits if all requests use what is estimated.

        A batch has so many requests in progress that their worst case may fill the limits. One that follows from
        them would then end the budget, though nearly all of it is left.
        """
        estimate = replace(self._estimate(self._size_in_progress + size), calls=self._in_progress + 1)
        return self.limits.allow(self._spent + estimate)

    def _reserve(self, size: Size) -> Usage:
        reserved = self._worst(size)
        self._in_progress += 1
        self._size_in_progress += size
        self._worst_in_progress += reserved
        return reserved

    def _estimate(self, size: Size) -> Usage:
        usage = size.estimate
        if self._output_rate:
            usage = Usage(1, ceil(size.input_bytes * self._input_rate), 0, ceil(size.output_tokens * self._output_rate))
        return usage.at_reduced_price() if self._batched else usage

    def _worst(self, size: Size) -> Usage:
        # A token has at least one byte.
        rate = min(self._input_rate * _MARGIN, 1.0) if self._input_rate else 1.0
        output = self._estimate(size).output_tokens
        if self._batched and self._answers >= _ENOUGH_ANSWERS:
            output = ceil(output * _MARGIN)
        else:
            output = max(self._most_output, output)
        worst = Usage(self._most_calls, ceil(size.input_bytes * rate), 0, output)
        return worst.at_reduced_price() if self._batched else worst
