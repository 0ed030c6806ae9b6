"""Calls in the flex tier, and those that fall back to the standard one."""

import pytest
from asking import SIZE, ask, endpoint, model

from sq.v1.source_pb2 import Price
from sq_llm import Limits
from sq_llm_server import Faults, LlmServer, Raw, completion
from sq_stagekit import InputError

FLEX = {"mode": "CALL_MODE_FLEX"}


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")


@pytest.fixture
def server():
    with LlmServer() as running:
        yield running


def note_tiers(server):
    """The service tiers that are asked for from now on."""
    tiers, answer = [], server.answer

    def noted(request):
        tiers.append(request.get("service_tier"))
        return answer(request)

    server.answer = noted
    return tiers


def test_all_tokens_are_at_the_reduced_price(server, tmp_path):
    tiers = note_tiers(server)
    used = ask(model(server, tmp_path, **FLEX)).used
    assert tiers == ["flex"]
    assert (used.reduced.input, used.reduced.output) == (used.input_tokens, used.output_tokens)
    assert used.fallbacks == 0


def test_the_answer_is_that_of_plain_calls(server, tmp_path):
    bought = ask(model(server, tmp_path, **FLEX))
    assert ask(model(server, tmp_path), may_call=False) == bought
    assert len(server.calls) == 1


@pytest.mark.parametrize("max_retries", [0, 5])
def test_without_room_the_call_is_made_at_the_standard_price(server, tmp_path, max_retries):
    tiers = note_tiers(server)
    server.faults = Faults({"no_flex": 1})
    used = ask(model(server, tmp_path, max_retries=max_retries, **FLEX)).used
    assert tiers == [None]
    assert (used.calls, used.fallbacks) == (2, 1)
    assert used.reduced.input == 0
    # The next attempt of the same work bills it as this one.
    assert ask(model(server, tmp_path, **FLEX), may_call=False).used == used


def test_a_rate_limit_is_no_lack_of_room(server, tmp_path):
    tiers = note_tiers(server)
    server.faults = Faults({"429": 2}, retry_after_seconds=0)
    server.faults.next()
    used = ask(model(server, tmp_path, **FLEX)).used
    assert tiers == ["flex"]
    assert (used.calls, used.fallbacks) == (2, 0)


def test_the_service_says_in_which_tier_it_answered(server, tmp_path):
    server.answer = lambda request: Raw(completion(request, "{}") | {"service_tier": "default"})
    assert ask(model(server, tmp_path, **FLEX)).used.reduced.input == 0


def test_the_bill_has_both_prices(server, tmp_path):
    price = {"price": {"input": 10, "output": 20}}
    asked = endpoint(server, **FLEX, **price)
    limits = Limits(price=asked.price, reduced_price=asked.reduced_price)
    cheap = ask(model(server, tmp_path / "cheap", **FLEX)).used
    server.faults = Faults({"no_flex": 1})
    dear = ask(model(server, tmp_path / "dear", **FLEX)).used
    assert limits.cost(cheap) == pytest.approx((10 * cheap.input_tokens + 20 * cheap.output_tokens) / 2e6)
    assert limits.cost(dear) == pytest.approx(2 * limits.cost(cheap))


def test_a_budget_has_room_for_the_fallback(server):
    """A call is reserved at the standard price: so one that falls back was allowed."""
    asked = endpoint(server, **FLEX, price={"input": 1, "output": 1})
    cost = Limits(price=asked.price).cost(SIZE.estimate)
    assert asked.budget(Limits(usd=cost * 1.01, price=asked.price, reduced_price=asked.reduced_price)).decide(SIZE)
    assert not asked.budget(Limits(usd=cost * 0.99, price=asked.price, reduced_price=asked.reduced_price)).decide(SIZE)


def test_the_reduced_price_is_half_unless_it_is_given(server):
    assert endpoint(server).reduced_price is None
    half = endpoint(server, price={"input": 2, "cached_input": 0.5, "output": 8}).reduced_price
    assert half == Price(input=1, output=4)
    given = endpoint(server, price={"input": 2, "output": 8}, reduced_price={"input": 0.5, "output": 2})
    assert given.reduced_price == Price(input=0.5, output=2)


def test_a_tier_of_ones_own_does_not_go_with_a_mode(server):
    with pytest.raises(InputError, match=r"judge\.extra\.service_tier"):
        endpoint(server, extra={"service_tier": "priority"}, **FLEX)


def test_a_model_without_flex_names_the_mode(server, tmp_path):
    server.faults = Faults(refuse=["service_tier"])
    with pytest.raises(InputError, match=r"leave out judge\.mode"):
        ask(model(server, tmp_path, **FLEX))
