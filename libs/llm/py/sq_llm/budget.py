"""Limits of paid calls."""

from __future__ import annotations

from dataclasses import dataclass

from sq.v1 import source_pb2
from sq_llm.usage import Usage
from sq_stagekit import InputError

_PER_MILLION = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Upper limits of usage; None for no limit. `price` is in US dollars for a million tokens."""

    calls: int | None = None
    tokens: int | None = None
    usd: float | None = None
    price: source_pb2.Price | None = None

    @classmethod
    def of(
        cls,
        budget: source_pb2.Budget,
        price: source_pb2.Price | None,
        index: int = 0,
        count: int = 1,
        field: str = "budget",
    ) -> Limits:
        """The share of a budget that shard `index` of `count` may use. All shards together stay within the budget.

        Args:
            field: path of the budget in the configuration, for errors.

        Raises:
            InputError: dollars are limited, but there is no price.
        """
        if budget.max_usd and (price is None or not (price.input or price.output)):
            raise InputError(
                f"{field}.max_usd",
                f"is {budget.max_usd:g}, but the endpoint has no price",
                "set price.input and price.output in US dollars for a million tokens, or limit max_tokens instead",
            )
        return cls(
            calls=_part(budget.max_calls, index, count),
            tokens=_part(budget.max_tokens, index, count),
            usd=budget.max_usd / count if budget.max_usd else None,
            price=price,
        )

    def allow(self, usage: Usage) -> bool:
        return (
            (self.calls is None or usage.calls <= self.calls)
            and (self.tokens is None or usage.tokens <= self.tokens)
            and (self.usd is None or self.cost(usage) <= self.usd)
        )

    def cost(self, usage: Usage) -> float:
        """Cost in US dollars. If the price of cached input is 0, cached input costs as much as other input."""
        if self.price is None:
            return 0.0
        cached_price = self.price.cached_input or self.price.input
        dollars = (
            (usage.input_tokens - usage.cached_tokens) * self.price.input
            + usage.cached_tokens * cached_price
            + usage.output_tokens * self.price.output
        )
        return dollars / _PER_MILLION


def _part(total: int, index: int, count: int) -> int | None:
    """The part of shard `index`; the parts of all shards add up to the total."""
    if not total:
        return None
    return total // count + (1 if index < total % count else 0)


class Budget:
    """Counts usage against limits.

    A call reserves an estimate before it starts, and settles its actual usage when it ends. If callers reserve and
    settle in a fixed order, every run gets the same answers, however calls overlap in time.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._reserved = Usage()
        self._spent = Usage()

    @property
    def spent(self) -> Usage:
        return self._spent

    @property
    def usd(self) -> float:
        """US dollars spent; 0 if there is no price."""
        return self._limits.cost(self._spent)

    def reserve(self, estimate: Usage) -> bool:
        """Reserves an estimate; False if less than that is left."""
        if not self._limits.allow(self._spent + self._reserved + estimate):
            return False
        self._reserved += estimate
        return True

    def settle(self, estimate: Usage, used: Usage) -> None:
        """Replaces a reserved estimate with the actual usage."""
        self._reserved -= estimate
        self._spent += used
