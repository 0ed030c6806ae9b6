"""How much translation may cost."""

from __future__ import annotations

from dataclasses import dataclass

from sq.v1.source_pb2 import Budget, Price
from sq_generate.translate.answers import Usage
from sq_stagekit import InputError

_MILLION = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Most calls, tokens and US dollars; 0 for no limit."""

    budget: Budget
    price: Price

    @classmethod
    def of(cls, budget: Budget, price: Price) -> Limits:
        """Raises InputError where dollars are limited and no price is given."""
        if budget.max_usd and not (price.input or price.output):
            raise InputError(
                "translation.openai.budget.max_usd",
                "needs a price",
                "give endpoint.price in US dollars for a million tokens, or max_tokens instead",
            )
        return cls(budget, price)

    def allow(self, spent: Usage, calls_ahead: int) -> bool:
        """Whether one more call may begin: after `spent`, with `calls_ahead` calls of unknown cost under way.

        Calls never exceed their limit. Tokens and dollars end with the calls that are under way when the limit is
        reached, for nobody knows the length of an answer.
        """
        budget = self.budget
        return (
            (not budget.max_calls or spent.calls + calls_ahead < budget.max_calls)
            and (not budget.max_tokens or spent.input_tokens + spent.output_tokens < budget.max_tokens)
            and (not budget.max_usd or self.usd(spent) < budget.max_usd)
        )

    def usd(self, usage: Usage) -> float:
        """US dollars; cached input costs as other input does where it has no price of its own."""
        cached = self.price.cached_input or self.price.input
        fresh = usage.input_tokens - usage.cached_tokens
        return (
            fresh * self.price.input + usage.cached_tokens * cached + usage.output_tokens * self.price.output
        ) / _MILLION
