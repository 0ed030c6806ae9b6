"""The openai judge: the official client against a local server of the protocol."""

import json
from collections import Counter

import pytest
from evaluate_market import Market, product, query, query_set, retrieval, verdicts

from sq_llm_server import Faults, LlmServer, Raw, completion

SHIRTS = [product(f"s{n}", f"Red shirt {n}") for n in range(5)]
SHOES = [product(f"t{n}", f"Shoe {n}") for n in range(3)]
QUERIES = [query(f"red shirt {n}", known=SHOES[:1]) for n in range(6)]
NO_RETRY = {"maxRetries": 0}


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "test-key")


@pytest.fixture
def start():
    """Starts servers with faults, and stops them after the test."""
    started = []

    def start_server(*faults, **settings):
        server = LlmServer(faults=Faults.parse(list(faults), **settings)).__enter__()
        started.append(server)
        return server

    yield start_server
    for server in started:
        server.__exit__()


@pytest.fixture
def market(tmp_path):
    results = [(asked, [*SHIRTS, *SHOES[1:]]) for asked in QUERIES]
    return Market(tmp_path, query_set(QUERIES, SHOES[:1]), retrieval(results))


def config(server, endpoint=None, **more):
    at = {"model": "m", "baseUrl": server.url, "seed": 7, **(endpoint or {})}
    return {"openai": {"endpoint": at, "batchSize": 3, "canaries": {"share": 0}}, "concurrency": 4, **more}


def kinds(market, output="judging"):
    """The number of pairs that were judged, and of those that failed, by reason."""
    return Counter("judged" if isinstance(verdict, int) else verdict for _, verdict in verdicts(market.judging(output)))


def test_batches_of_one_query_are_judged_in_order(market, start):
    server = start()
    assert market.run(config(server)) == 0
    # 8 pairs a query in batches of 3, for 6 queries.
    assert len(server.calls) == 18
    first = [record.judgment for record in market.judging() if record.HasField("judgment")][:8]
    assert [item.product_id for item in first] == ["s0", "s1", "s2", "s3", "s4", "t1", "t2", "t0"]
    assert [item.grade for item in first] == [4, 3, 3, 3, 3, 0, 0, 1]
    assert [item.pool_only for item in first] == [False] * 7 + [True]
    assert first[0].judge.startswith("openai/m/")


def test_how_calls_overlap_makes_no_difference(market, start):
    server = start(delay_seconds=0.01)
    for output, concurrency in (("one", 1), ("many", 16)):
        settings = config(server, cacheUri=str(market.folder / f"cache-{output}"))
        assert market.run({**settings, "concurrency": concurrency}, output) == 0
    assert market.judging("one").digest == market.judging("many").digest


@pytest.mark.parametrize("fault", ["429:3", "500:3", "hang_up:3"])
def test_a_temporary_fault_is_retried(market, start, fault):
    server = start(fault)
    assert market.run(config(server)) == 0
    assert kinds(market) == {"judged": 48}
    assert len(server.calls) > 18


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("500:5", "UNAVAILABLE"),
        ("429:5", "UNAVAILABLE"),
        ("hang_up:5", "UNAVAILABLE"),
        ("400:5", "INVALID"),
        ("garbage:5", "INVALID"),
        ("html:5", "INVALID"),
        ("refusal:5", "REFUSED"),
    ],
)
def test_a_lasting_fault_fails_only_those_pairs(market, start, fault, reason):
    server = start(fault)
    assert market.run({**config(server, NO_RETRY), "concurrency": 1}) == 0
    # Calls 5, 10 and 15, one at a time: batches of 3, 3 and 2 pairs.
    assert kinds(market) == {"judged": 40, reason: 8}


def test_an_answer_that_was_cut_off_is_finished_in_smaller_batches(market, start):
    server = start()
    whole = server.answer

    def half_of_a_batch(request):
        content = whole(request)
        if len(json.loads(content)["judgments"]) == 1:
            return content
        return Raw(completion(request, content[: len(content) // 2], finish_reason="length"))

    server.answer = half_of_a_batch
    assert market.run(config(server)) == 0
    assert kinds(market) == {"judged": 48}


def test_an_answer_about_one_product_that_is_always_cut_off_names_the_setting(market, start):
    assert market.run(config(start("length:1"), {"maxOutputTokens": 500})) == 0
    failures = [record.failure for record in market.judging() if record.HasField("failure")]
    assert failures
    assert {failure.detail for failure in failures} == {
        "the answer about one product exceeds 500 tokens; raise openai.endpoint.max_output_tokens"
    }


def test_a_setting_that_the_model_refuses_ends_the_stage_at_once(market, start, capsys):
    server = start()
    message = "Unsupported value: 'temperature' does not support 0 with this model."
    error = {"message": message, "type": "invalid_request_error", "param": "temperature", "code": "unsupported_value"}
    server.answer = lambda _: Raw({"error": error}, 400)
    assert market.run({**config(server, {"temperature": 0}), "concurrency": 1}) == 2
    assert len(server.calls) == 1
    told = capsys.readouterr().err
    assert message in told
    assert "leave out openai.endpoint.temperature" in told


def test_a_used_up_quota_ends_the_stage_at_once(market, start, capsys):
    server = start()
    error = {"message": "You exceeded your current quota.", "type": "insufficient_quota", "code": "insufficient_quota"}
    server.answer = lambda _: Raw({"error": error}, 429)
    assert market.run({**config(server), "concurrency": 4}) == 2
    assert len(server.calls) <= 4
    assert "insufficient_quota" in capsys.readouterr().err


def test_what_failed_for_a_passing_reason_is_asked_again_by_the_next_run_and_only_that(market, start):
    server = start("500:6")
    settings = {**config(server, NO_RETRY), "concurrency": 1}
    assert market.run(settings) == 0
    (unfinished,) = market.judging().manifest.provenance.unfinished
    assert (unfinished.reason, unfinished.records) == ("UNAVAILABLE", 6)
    asked, server.faults = len(server.calls), Faults()
    assert market.run(settings) == 0
    assert len(server.calls) - asked == 3
    assert kinds(market) == {"judged": 48}
    assert not market.judging().manifest.provenance.unfinished
    assert market.run(settings) == 0
    assert len(server.calls) - asked == 3


def test_a_product_left_out_of_an_answer_is_the_only_one_to_fail(market, start):
    assert market.run(config(start("partial:1"))) == 0
    assert kinds(market) == {"judged": 30, "INVALID": 18}


def test_a_slow_answer_times_out(market, start):
    server = start("slow:5", slow_seconds=5)
    assert market.run({**config(server, {**NO_RETRY, "timeoutSeconds": 0.5}), "concurrency": 1}) == 0
    assert kinds(market) == {"judged": 40, "UNAVAILABLE": 8}


@pytest.mark.parametrize(("fault", "code"), [("401:1", 2), ("400:1", 2), ("html:1", 2), ("500:1", 75), ("429:1", 75)])
def test_a_service_that_answers_nothing_leaves_nothing_published(market, start, fault, code):
    assert market.run(config(start(fault), NO_RETRY)) == code
    assert not (market.folder / "judging" / "manifest.json").exists()


def test_a_wrong_address_is_reported(market, start, capsys):
    server = start()
    assert market.run(config(server, {"baseUrl": server.url + "/nowhere"})) == 2
    assert "base_url" in capsys.readouterr().err


def test_a_missing_key_is_reported(market, start, capsys, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    assert market.run(config(start())) == 2
    assert "OPENAI_API_KEY" in capsys.readouterr().err


def test_an_answer_is_paid_for_once(market, start):
    server = start()
    shared = str(market.folder / "cache")
    assert market.run(config(server, cacheUri=shared), "one") == 0
    assert market.run(config(server, cacheUri=shared), "two") == 0
    assert len(server.calls) == 18
    assert market.judging("one").digest == market.judging("two").digest


@pytest.mark.parametrize("change", [{"seed": 8}, {"model": "n"}])
def test_another_question_is_asked_anew(market, start, change):
    server = start()
    shared = str(market.folder / "cache")
    assert market.run(config(server, cacheUri=shared), "one") == 0
    assert market.run(config(server, change, cacheUri=shared), "two") == 0
    assert len(server.calls) == 36


def test_a_failed_call_is_not_kept(market, start):
    shared = str(market.folder / "cache")
    settings = {"cacheUri": shared, "concurrency": 1}
    server = start("500:6")
    assert market.run({**config(server, NO_RETRY), **settings}, "one") == 0
    before, server.faults = len(server.calls), Faults()
    assert market.run({**config(server, NO_RETRY), **settings}, "two") == 0
    assert len(server.calls) - before == 3
    assert kinds(market, "two") == {"judged": 48}


class TestBudget:
    def test_calls_end_and_the_rest_become_failures(self, market, start):
        server = start()
        assert market.run(config(server, budget={"maxCalls": 5})) == 0
        assert len(server.calls) == 5
        # The first query has 3 calls for its 8 pairs, the second 2 more for 6.
        assert kinds(market) == {"judged": 14, "BUDGET": 34}

    @pytest.mark.parametrize("budget", [{"maxTokens": 6000}, {"maxUsd": 0.006}, {"maxCalls": 7}])
    def test_is_kept_and_ends_at_the_same_pair_however_calls_overlap(self, market, start, budget):
        server = start(delay_seconds=0.005)
        price = {"price": {"input": 1.0, "output": 1.0}}
        digests = set()
        for concurrency in (4, 4, 4):
            output = f"out-{len(digests)}-{len(server.calls)}"
            settings = config(server, price, budget=budget, cacheUri=str(market.folder / output / "cache"))
            assert market.run({**settings, "concurrency": concurrency}, output) == 0
            digests.add(market.judging(output).digest)
            assert 0 < kinds(market, output)["judged"] < 48
        assert len(digests) == 1

    def test_another_runs_answers_cost_nothing(self, market, start):
        server = start()
        shared = str(market.folder / "cache")
        assert market.run(config(server, budget={"maxCalls": 9}, cacheUri=shared), "one") == 0
        market.arguments[1] = "another-run"
        assert market.run(config(server, budget={"maxCalls": 9}, cacheUri=shared), "two") == 0
        assert len(server.calls) == 18
        assert kinds(market, "two") == {"judged": 48}

    def test_a_raised_budget_continues_the_same_work(self, market, start, capsys):
        server = start()
        assert market.run(config(server, budget={"maxCalls": 5})) == 0
        assert "5 of max_calls 5" in capsys.readouterr().err
        first = market.judging()
        assert first.manifest.provenance.model_usage[0].budget_ended
        assert market.run({**config(server, budget={"maxCalls": 50}), "concurrency": 2}) == 0
        assert len(server.calls) == 18
        assert kinds(market) == {"judged": 48}
        again = market.judging().manifest.provenance
        assert (again.model_usage[0].calls, again.model_usage[0].budget_ended) == (18, False)
        assert again.work_key == first.manifest.provenance.work_key

    @pytest.mark.parametrize("concurrency", [1, 8, 32])
    def test_binds_to_one_call_at_most(self, market, start, concurrency):
        server = start(delay_seconds=0.01)
        price = {"price": {"input": 10.0, "output": 30.0}}
        settings = config(server, {**price, "maxOutputTokens": 600}, budget={"maxUsd": 0.1})
        assert market.run({**settings, "concurrency": concurrency}) == 0
        (usage,) = market.judging().manifest.provenance.model_usage
        assert usage.budget_ended
        assert 0.08 < usage.usd < 0.1 + (0.1 / usage.calls) * 2

    def test_dollars_need_a_price(self, market, start, capsys):
        server = start()
        assert market.run(config(server, budget={"maxUsd": 1})) == 2
        assert "price" in capsys.readouterr().err
        assert not server.calls

    def test_usage_is_logged(self, market, start, capsys):
        assert market.run(config(start(), {"price": {"input": 1.0, "output": 2.0}})) == 0
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        usage = next(line for line in lines if line["message"] == "model usage")
        assert usage["calls"] == 18
        assert usage["usd"] == pytest.approx((usage["input_tokens"] + 2 * usage["output_tokens"]) / 1e6, abs=1e-6)
