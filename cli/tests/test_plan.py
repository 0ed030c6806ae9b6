"""`sq plan`: results in, calls and dollars out; and how many queries a difference needs."""

import json
import sys

import pytest
from doctor_shop import configuration
from planned_market import found_in

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.query_pb2 import Query
from sq.v1.run_config_pb2 import MarketConfig, RunConfig
from sq.v1.source_pb2 import CALL_MODE_BATCH, Budget, OpenAiEndpoint, Price
from sq_cli import __main__ as program
from sq_cli.commands import plan as plan_command
from sq_cli.compare.run_records import MarketRun
from sq_cli.money.detect import Spread, detection, spread_of
from sq_cli.money.estimate import Rates, estimates, measured, usage_of
from sq_cli.money.market_plan import paying_markets
from sq_cli.money.pairs import pairs_to_judge
from sq_cli.money.prices import read_prices
from sq_cli.money.requests import Requests, kept_in, nothing_kept, requests_for
from sq_cli.money.shortfall import shortfalls
from sq_evaluate.judges.facets import Facets
from sq_evaluate.judges.whole import Whole
from sq_llm import Completion, Endpoint, PaidAnswers, PaidModel, Usage, place_at
from sq_stagekit.errors import InputError

RUBRIC = Whole()
REQUESTS = Requests(packing=10, pairs=25, distinct=20, calls=3, hits=5, new=20, input_bytes=9600, prefix_bytes=1000)


@pytest.fixture
def endpoint(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "not sent")
    return Endpoint(OpenAiEndpoint(model="m", base_url="http://127.0.0.1:9/v1"), "endpoint")


@pytest.fixture
def found(tmp_path):
    return found_in(tmp_path)


def test_pairs_are_those_that_evaluate_judges_and_a_probes_results_count_once(found):
    asked = list(pairs_to_judge(EvaluateConfig(depth=2), found))
    got = [(one.query.query_id, [product.product_id for product in one.products]) for one in asked]
    assert got == [("q1", ["p1", "p2"]), ("q2", ["p1", "p2"]), ("q1", ["p4"])]


@pytest.mark.parametrize(("packing", "calls"), [(10, 3), (1, 7), (2, 5)])
def test_calls_by_packing(found, endpoint, packing, calls):
    asked = list(pairs_to_judge(EvaluateConfig(), found))
    made = requests_for(asked, endpoint, RUBRIC, packing, nothing_kept, canary_share=0)
    assert (made.pairs, made.distinct, made.calls, made.hits, made.new) == (7, 7, calls, 0, 7)
    again = requests_for([*asked, *asked], endpoint, RUBRIC, packing, nothing_kept, canary_share=0)
    assert (again.pairs, again.distinct, again.calls, again.hits) == (14, 7, calls, 7)


def test_stored_answers_are_hits_and_no_call_is_made_to_know(found, endpoint, tmp_path):
    asked = list(pairs_to_judge(EvaluateConfig(), found))
    answers = PaidAnswers(place_at(str(tmp_path / "cache")), buyer="earlier")
    kept = []
    requests_for(asked, endpoint, RUBRIC, 10, lambda bodies: [bool(kept.extend(bodies)) for _ in bodies])
    _store(PaidModel(endpoint, answers), answers, kept[0])
    made = requests_for(asked, endpoint, RUBRIC, 10, kept_in(answers, endpoint), canary_share=0)
    assert (made.calls, made.hits, made.new) == (2, 3, 4)


def test_facets_have_longer_answers(found, endpoint):
    asked = list(pairs_to_judge(EvaluateConfig(), found))
    whole, facets = (requests_for(asked, endpoint, rubric, 10, nothing_kept) for rubric in (RUBRIC, Facets()))
    assert usage_of(facets, Rates()).output_tokens > usage_of(whole, Rates()).output_tokens


def _store(model, answers, request):
    """Stores an answer under the key that the model looks it up by."""
    import asyncio

    asked = []

    class Spy(PaidAnswers):
        async def get(self, key):
            asked.append(key)

    model._answers = Spy(answers.place, "spy")

    async def put():
        await model.ask(request, None, may_call=False)
        await answers.put(asked[0], Completion("{}", "", "stop", Usage(1, 1, 0, 1)))

    asyncio.run(put())


def test_dollars_by_mode():
    prices = {"plain": Price(input=1, output=10), "batch": Price(input=0.5, output=5)}
    plain, batch = estimates(
        "uk", "m", prices, REQUESTS, Rates(bytes_per_token=4, output_tokens=50, call_seconds=2), 6, "batch"
    )
    assert (plain.input_tokens, plain.output_tokens) == (2400, 1000)
    assert plain.usd == pytest.approx((2400 * 1 + 1000 * 10) / 1e6)
    assert batch.usd == pytest.approx(plain.usd / 2)
    assert plain.hours == pytest.approx(3 * 2 / 6 / 3600)
    assert batch.hours == 24
    assert (plain.configured, batch.configured) == (False, True)


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ({"max_calls": 2}, "evaluate.budget.max_calls is 2, and judging all needs about 3: about 67% would be judged"),
        ({"max_tokens": 340}, "evaluate.budget.max_tokens is 340, and judging all needs about 3,400: about 10%"),
        ({"max_usd": 0.005}, "evaluate.budget.max_usd is 0.0050, and judging all needs about 0.0062: about 81%"),
        ({"max_calls": 3, "max_tokens": 3400, "max_usd": 1}, ""),
        ({}, ""),
    ],
)
def test_a_budget_that_ends_before_the_work_is_named(budget, said):
    prices = {"plain": Price(input=1, output=10), "batch": Price(input=0.5, output=5)}
    planned = estimates("uk", "m", prices, REQUESTS, Rates(bytes_per_token=4, output_tokens=50), 6, "batch")
    found = list(shortfalls("uk", Budget(**budget), planned))
    assert len(found) == (1 if said else 0)
    assert said in "".join(found)


def test_a_long_prefix_is_cached_after_the_first_call():
    assert usage_of(REQUESTS, Rates()).cached_tokens == 0
    long = Requests(10, 25, 20, 3, 5, 20, input_bytes=20000, prefix_bytes=5000)
    assert usage_of(long, Rates(bytes_per_token=4)).cached_tokens == 2 * 1152


def test_a_bill_gives_the_rates_of_the_part_that_it_paid_for():
    half = [ModelUsage(calls=1, input_tokens=1000, cached_tokens=250, output_tokens=400)]
    rates = measured(REQUESTS, half, "r", Rates())
    assert rates.bytes_per_token == pytest.approx(9600 / 3 / 1000)
    assert (rates.output_tokens, rates.cached_share) == (pytest.approx(60), 0.25)
    assert measured(REQUESTS, [], "r", Rates()) == Rates()


def test_a_market_is_planned_in_every_mode_and_looks_for_no_batch(found, monkeypatch, tmp_path):
    monkeypatch.setenv("OPENAI_API_KEY", "not sent")
    endpoint = OpenAiEndpoint(model="gpt-5-mini", base_url="http://127.0.0.1:9/v1", mode=CALL_MODE_BATCH)
    evaluate = EvaluateConfig(cache_uri=str(tmp_path / "cache"))
    evaluate.openai.endpoint.CopyFrom(endpoint)
    (market,) = paying_markets(RunConfig(markets=[MarketConfig(market="uk", evaluate=evaluate)]))
    planned = list(market.plan(list(pairs_to_judge(evaluate, found)), read_prices(), Rates()))
    assert [(one.mode, one.packing, one.configured) for one in planned] == [
        (mode, packing, mode == "batch") for packing in (10, 1) for mode in ("plain", "flex", "batch")
    ]
    plain, flex, batch = planned[:3]
    assert batch.usd == pytest.approx(plain.usd / 2) == flex.usd
    assert not (tmp_path / "cache").exists()


def test_queries_for_a_difference():
    found = detection(0.02, Spread(deviation=0.2), correlation=0.8)
    # (0.2 / 0.02)^2 * (1.96 + 0.8416)^2 = 785, and 2 for the estimated deviation.
    assert found.queries == 787
    audits = [(row.queries, row.audits) for row in found.audited]
    assert audits[0] == (787, 787)
    assert audits == sorted(audits, key=lambda row: -row[1])
    assert audits[-1][1] == 339
    assert detection(0.02, Spread(deviation=0.2, design=2)).queries == 1572


def test_the_spread_of_two_runs():
    def run(order):
        made = MarketRun()
        for n in range(20):
            made.queries[f"q{n}"] = Query(query_id=f"q{n}", segment_id="s", traffic_share=1 / 20)
            made.rankings[f"q{n}"] = order if n % 2 else ["a", "b"]
            made.grades[f"q{n}"] = {"a": 4, "b": 0}
        return made

    spread = spread_of(run(["a", "b"]), run(["b", "a"]), "of both")
    assert spread.deviation == pytest.approx(0.3691 / 2 * (20 / 19) ** 0.5, abs=1e-3)
    assert spread.design == pytest.approx(1)
    assert spread_of(run(["a", "b"]), run(["a", "b"]), "of both") is None


def test_the_command_prints_how_many_queries(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["sq", "plan", "--detect", "0.02", "--json"])
    assert program.main() == 0
    assert json.loads(capsys.readouterr().out)["detect"]["queries"] == 787


def test_without_anything_to_plan(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["sq", "plan"])
    assert program.main() == 2


def test_a_missing_key_is_told_before_any_stage_runs(tmp_path, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr(plan_command, "execute", lambda *_: pytest.fail("stages ran"))
    config = configuration(tmp_path, "http://127.0.0.1:9")
    config["markets"][0]["evaluate"] = {"openai": {"endpoint": {"model": "gpt-5-mini"}}}
    path = tmp_path / "run.yaml"
    path.write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(InputError, match="OPENAI_API_KEY is empty or not set"):
        plan_command.plan(path)
