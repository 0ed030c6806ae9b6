"""Upper limits of what calls may use: a budget of the configuration, or one part of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from sq.v1 import source_pb2
from sq.v1.manifest_pb2 import ModelUsage
from sq_llm.usage import Tokens, Usage
from sq_stagekit import InputError
from sq_stagekit.spending import rounded_up

_PER_MILLION = 1_000_000
# What suffices for the rest is estimated: so much more is named, and more calls for repeats.
_RESERVE, _CALLS_RESERVE = 1.25, 1.1


@dataclass(frozen=True)
class Limits:
    """Upper limits of usage; None for no limit.

    Attributes:
        price: in US dollars for a million tokens.
        reduced_price: of the modes flex and batch; None if it is `price`.
        parts: of the budget, of which this is one.
        before: what earlier stages used of it.
    """

    calls: int | None = None
    tokens: int | None = None
    usd: float | None = None
    price: source_pb2.Price | None = None
    reduced_price: source_pb2.Price | None = None
    parts: int = 1
    before: ModelUsage | None = None

    @classmethod
    def of(
        cls,
        budget: source_pb2.Budget,
        price: source_pb2.Price | None,
        index: int = 0,
        count: int = 1,
        field: str = "budget",
        spent: ModelUsage | None = None,
        reduced_price: source_pb2.Price | None = None,
    ) -> Limits:
        """The share of a budget that shard `index` of `count` may use. All shards together stay within the budget.

        Args:
            field: path of the budget in the configuration, for errors.
            spent: what earlier stages used of the budget, all shards together.

        Raises:
            InputError: dollars are limited, but there is no price.
        """
        if budget.max_usd and (price is None or not (price.input or price.output)):
            raise InputError(
                f"{field}.max_usd",
                f"is {budget.max_usd:g}, but the endpoint has no price",
                "set price.input and price.output in US dollars for a million tokens, or limit max_tokens instead",
            )
        used = spent or ModelUsage()
        return cls(
            calls=_part(budget.max_calls, used.calls, index, count),
            tokens=_part(budget.max_tokens, used.input_tokens + used.output_tokens, index, count),
            usd=max(0.0, budget.max_usd - used.usd) / count if budget.max_usd else None,
            price=price,
            reduced_price=reduced_price,
            parts=count,
            before=used,
        )

    def allow(self, usage: Usage) -> bool:
        return (
            (self.calls is None or usage.calls <= self.calls)
            and (self.tokens is None or usage.tokens <= self.tokens)
            and (self.usd is None or self.cost(usage) <= self.usd)
        )

    def enough_for(self, usage: Usage) -> dict[str, float]:
        """Limits of the whole budget, by field of sq.v1.Budget, of which each part allows `usage` with a reserve.

        Empty where the budget ended in an earlier stage already: what that one lacks is not known here, and it says so.
        """
        before = self.before or ModelUsage()
        if before.budget_ended:
            return {}
        tokens = before.input_tokens + before.output_tokens + self.parts * usage.tokens * _RESERVE
        found: dict[str, float] = {}
        if self.usd is not None:
            found["max_usd"] = rounded_up(before.usd + self.parts * self.cost(usage) * _RESERVE)
        if self.tokens is not None:
            found["max_tokens"] = ceil(tokens)
        if self.calls is not None:
            found["max_calls"] = ceil(before.calls + self.parts * usage.calls * _CALLS_RESERVE)
        return found

    def cost(self, usage: Usage) -> float:
        """Cost in US dollars. If the price of cached input is 0, cached input costs as much as other input."""
        if self.price is None:
            return 0.0
        reduced_price = self.reduced_price or self.price
        return (_cost(usage.standard, self.price) + _cost(usage.reduced, reduced_price)) / _PER_MILLION


def _cost(tokens: Tokens, price: source_pb2.Price) -> float:
    cached_price = price.cached_input or price.input
    return (tokens.input - tokens.cached) * price.input + tokens.cached * cached_price + tokens.output * price.output


def _part(total: int, used: int, index: int, count: int) -> int | None:
    """The part of shard `index` in what is left; the parts of all shards add up to it. None for no limit."""
    if not total:
        return None
    total = max(0, total - used)
    return total // count + (1 if index < total % count else 0)
