"""Budgets that end before the judging that is planned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sq.v1.source_pb2 import Budget
from sq_cli.money.estimate import Estimate


def shortfalls(market: str, budget: Budget, planned: Sequence[Estimate]) -> Iterator[str]:
    """A sentence for each limit of `evaluate.budget` that the run, as configured, is expected to exceed.

    Args:
        planned: of the market: as it is configured first.
    """
    one = next((one for one in planned if one.configured), None)
    if one is None:
        return
    tokens = one.input_tokens + one.output_tokens
    for limit, allowed, needed, form in (
        ("max_calls", budget.max_calls, one.calls, ",.0f"),
        ("max_tokens", budget.max_tokens, tokens, ",.0f"),
        ("max_usd", budget.max_usd, one.usd, ",.4f"),
    ):
        if 0 < allowed < needed:
            yield (
                f"{market}: evaluate.budget.{limit} is {allowed:{form}}, and judging all needs about {needed:{form}}: "
                f"about {allowed / needed:.0%} would be judged. Raise it, or judge less (evaluate.depth)."
            )
