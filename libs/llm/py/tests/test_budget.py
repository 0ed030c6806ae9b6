"""Budgets: limits, shares, and what an estimate sets aside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.source_pb2 import Budget as BudgetLimits
from sq.v1.source_pb2 import Price
from sq_llm import Budget, Limits, Size, Usage
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
    budget, size, each = Budget(Limits.of(limits, PRICE)), Size(30, 6), Usage(calls=1, input_tokens=10, output_tokens=6)
    made = 0
    while made < 100 and budget.decide(size):
        budget.settle(budget.start(size), size, each)
        made += 1
    # A call has 16 tokens and costs 68 millionths of a dollar.
    assert made == calls
    assert budget.ended == (calls < 100)


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


def test_nothing_is_decided_while_calls_in_progress_may_exceed_the_limits():
    budget, size = Budget(Limits(tokens=100), most_output_tokens=50), Size(30, 10)
    reserved = budget.start(size)
    assert budget.decide(size) is None
    budget.settle(reserved, size, Usage(1, 10, 0, 10))
    assert budget.decide(size) is True


def test_reserves_learn_from_what_calls_used():
    budget, size = Budget(Limits(tokens=1000), most_output_tokens=300), Size(600, 100)
    assert budget.decide(size) is True
    # Three times the output that was expected, and half of the input.
    budget.settle(budget.start(size), size, Usage(1, 100, 0, 300))
    budget.settle(budget.start(size), size, Usage(1, 100, 0, 250))
    # 250 tokens are left. Before, this would have looked like 300 of them.
    assert budget.decide(size) is False
    assert budget.decide(Size(60, 1)) is False, "a budget that ended stays so"


def test_follow_up_calls_stay_within_the_limits():
    budget, size = Budget(Limits(tokens=400), most_output_tokens=100), Size(90, 20)
    first = budget.start(size)
    second = budget.extend(size)
    assert second is not None
    assert budget.extend(size) is None
    budget.settle(first, size, Usage(1, 30, 0, 100))
    budget.settle(second, size, Usage(1, 30, 0, 100))
    assert budget.usage().budget_ended
    assert budget.spent == Usage(2, 60, 0, 200)


def test_what_would_be_enough_follows_from_what_calls_used_and_from_what_was_not_sent():
    budget, size = Budget(Limits.of(BudgetLimits(max_calls=2, max_tokens=1000), None, 0, 2)), Size(30, 10)
    assert budget.decide(size) is True
    budget.settle(budget.start(size), size, Usage(1, 20, 0, 10))
    assert [budget.decide(size) for _ in range(9)] == [False] * 9
    # Ten calls of 30 tokens, for each of two parts.
    assert budget.enough() == {"max_tokens": 750, "max_calls": 22}


def test_what_would_be_enough_covers_what_earlier_stages_used():
    limits = Limits.of(BudgetLimits(max_usd=0.01), PRICE, spent=ModelUsage(calls=5, usd=0.01))
    budget, size = Budget(limits), Size(3000, 100)
    assert budget.decide(size) is False
    # 1,000 tokens in, 100 out: 2.8 thousandths, and a quarter more.
    assert budget.enough() == {"max_usd": 0.014}
    assert limits.of(BudgetLimits(max_usd=0.014), PRICE, spent=ModelUsage(usd=0.01)).allow(size.estimate)


def test_no_value_is_named_where_an_earlier_stage_lacks_more():
    limits = Limits.of(BudgetLimits(max_calls=20), None, spent=ModelUsage(calls=20, budget_ended=True))
    budget, size = Budget(limits), Size(3000, 100)
    assert budget.decide(size) is False
    assert budget.enough() == {}
