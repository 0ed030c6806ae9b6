"""Budgets: limits, shares, and what an estimate sets aside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sq.v1.source_pb2 import Budget as BudgetLimits
from sq.v1.source_pb2 import Price
from sq_llm import Budget, Limits, Usage
from sq_stagekit import InputError

PRICE = Price(input=2.0, cached_input=0.5, output=8.0)


@pytest.mark.parametrize(
    ("limits", "calls"),
    [
        (BudgetLimits(), 100),
        (BudgetLimits(max_calls=3), 3),
        (BudgetLimits(max_tokens=100), 6),
        (BudgetLimits(max_usd=0.001), 14),
        (BudgetLimits(max_calls=9, max_tokens=100), 6),
    ],
)
def test_the_first_limit_that_is_reached_ends_calls(limits, calls):
    budget, each = Budget(Limits.of(limits, PRICE)), Usage(calls=1, input_tokens=10, output_tokens=6)
    made = 0
    while made < 100 and budget.reserve(each):
        budget.settle(each, each)
        made += 1
    # A call has 16 tokens and costs 68 millionths of a dollar.
    assert made == calls


def test_dollars_need_a_price():
    with pytest.raises(InputError, match=r"budget\.max_usd"):
        Limits.of(BudgetLimits(max_usd=1), None)


def test_cost_by_kind_of_token():
    usage = Usage(calls=1, input_tokens=1_000_000, cached_tokens=400_000, output_tokens=100_000)
    assert Limits(price=PRICE).cost(usage) == pytest.approx(0.6 * 2.0 + 0.4 * 0.5 + 0.1 * 8.0)


@given(st.integers(1, 10**6), st.integers(1, 50))
def test_shards_share_a_budget_and_no_more(total, count):
    parts = [Limits.of(BudgetLimits(max_calls=total), None, index, count).calls for index in range(count)]
    assert sum(parts) == total
    assert max(parts) - min(parts) <= 1


def test_what_is_reserved_is_not_given_twice_and_comes_back():
    budget, each = Budget(Limits(calls=2, tokens=100)), Usage(calls=1, input_tokens=60)
    assert budget.reserve(each)
    assert not budget.reserve(each)
    budget.settle(each, Usage(calls=1, input_tokens=20))
    assert budget.reserve(each)
