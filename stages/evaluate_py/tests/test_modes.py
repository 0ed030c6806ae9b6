"""The openai judge in the modes flex and batch: other ways to the same judgments."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from evaluate_market import Market, product, query, query_set, retrieval, verdicts

from sq_llm_server import BatchFaults, Faults, LlmServer, Raw, completion

PRODUCTS = [product(f"p{n}", f"Red shirt {n}") for n in range(9)]
QUERIES = [query(f"red shirt {n}") for n in range(10)]
CALLS = 30
PRICE = {"input": 2, "output": 8}
BATCH = {"mode": "CALL_MODE_BATCH", "batch": {"maxRequests": 8, "pollSeconds": 0.05}}


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")


def market(folder):
    return Market(folder, query_set(QUERIES), retrieval([(asked, PRODUCTS) for asked in QUERIES]))


def config(server, **endpoint):
    at = {"model": "m", "baseUrl": server.url, "price": PRICE, **endpoint}
    return {"openai": {"endpoint": at, "batchSize": 3, "canaries": {"share": 0}}, "concurrency": 3}


def with_cache(given):
    """Answers elsewhere than in the output, as runs share them."""
    return {"cacheUri": str(given.folder / "cache")}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Digest and bill of a run with plain calls."""
    given = market(tmp_path_factory.mktemp("plain"))
    with LlmServer() as server, pytest.MonkeyPatch.context() as patched:
        patched.setenv("OPENAI_API_KEY", "k")
        assert given.run(config(server)) == 0
    return given.judging()


@pytest.mark.parametrize("mode", [{"mode": "CALL_MODE_FLEX"}, BATCH])
def test_canaries_are_the_same_in_every_mode(tmp_path, mode):
    given = market(tmp_path)
    with LlmServer() as server:
        for name, endpoint in (("plain", {}), ("other", mode)):
            settings = config(server, **endpoint)
            settings["openai"]["canaries"] = {"share": 0.5}
            assert given.run(settings, name) == 0
    assert given.judging("plain").digest == given.judging("other").digest
    (trust,) = (record.trust for record in given.judging("other") if record.HasField("trust"))
    assert len(trust.canaries) == len(QUERIES) // 2


def bill(judging):
    return judging.manifest.provenance.model_usage[0]


def bought(server):
    return Counter(call["request"] for call in server.calls if call["status"] == 200)


@pytest.mark.parametrize("mode", [{"mode": "CALL_MODE_FLEX"}, BATCH])
def test_the_judgments_are_those_of_plain_calls_for_half_the_price(tmp_path, plain, mode):
    given = market(tmp_path)
    with LlmServer() as server:
        assert given.run(config(server, **mode)) == 0
        assert set(bought(server).values()) == {1}
        assert (len(server.batches.all) >= 4) == (mode is BATCH)
    assert given.judging().digest == plain.digest
    assert bill(given.judging()).usd == pytest.approx(bill(plain).usd / 2)
    assert bill(given.judging()).calls == CALLS


def test_calls_that_fall_back_are_in_the_bill(tmp_path, plain):
    given = market(tmp_path)
    with LlmServer(faults=Faults({"no_flex": 4})) as server:
        assert given.run(config(server, mode="CALL_MODE_FLEX")) == 0
    assert given.judging().digest == plain.digest
    used = bill(given.judging())
    assert used.fallbacks >= 5
    assert used.calls == CALLS + used.fallbacks
    assert bill(plain).usd / 2 < used.usd < bill(plain).usd


@pytest.mark.parametrize("kind", ["expired", "failed", "failed_lines", "partial", "lost_output"])
def test_a_batch_that_is_not_complete_makes_no_difference(tmp_path, plain, kind):
    given = market(tmp_path)
    with LlmServer(batch_faults=BatchFaults({kind: 3}, seed=1)) as server:
        assert given.run(config(server, **BATCH)) == 0
    assert given.judging().digest == plain.digest


def test_an_answer_that_was_cut_off_is_finished_in_the_next_batch(tmp_path, plain):
    given = market(tmp_path)
    with LlmServer() as server:
        whole = server.answer

        def half_of_many(request):
            content = whole(request)
            if len(json.loads(content)["judgments"]) == 1:
                return content
            return Raw(completion(request, content[: len(content) // 2], finish_reason="length"))

        server.answer = half_of_many
        # The worst case of the first batch is nearly all of the budget.
        limit = {"budget": {"maxTokens": 120_000}}
        assert given.run(config(server, maxOutputTokens=2000, **BATCH) | limit) == 0
        assert len(server.batches.all) >= 5
        assert all(batch["status"] == "completed" for batch in server.batches.all.values())
    assert verdicts(given.judging()) == verdicts(plain)
    assert bill(given.judging()).calls == len(server.calls) > CALLS


def test_a_budget_ends_the_work_as_it_ends_plain_calls(tmp_path, plain):
    given = market(tmp_path)
    limited = {"budget": {"maxCalls": 20}}
    with LlmServer() as server:
        assert given.run(config(server, **BATCH) | limited) == 0
        assert set(bought(server).values()) == {1}
        assert len(server.calls) == 20
        assert Counter(verdict for _, verdict in verdicts(given.judging()))["BUDGET"] == 30
        # With more of it, the same work goes on.
        assert given.run(config(server, **BATCH)) == 0
        assert len(server.calls) == CALLS
    assert given.judging().digest == plain.digest


def test_work_that_is_unfinished_goes_on_in_another_mode(tmp_path, plain):
    given = market(tmp_path)
    with LlmServer(batch_faults=BatchFaults({"expired": 1}, seed=1)) as server:
        assert given.run(config(server, maxRetries=1, **BATCH)) == 0
        left = [verdict for _, verdict in verdicts(given.judging()) if verdict == "UNAVAILABLE"]
        assert left
        assert given.run(config(server)) == 0
        assert set(bought(server).values()) == {1}
    assert given.judging().digest == plain.digest


def start(given, server):
    return subprocess.Popen(
        [sys.executable, "-m", "sq_evaluate", *given.command(config(server, **BATCH) | with_cache(given))],
        env={**os.environ, "OPENAI_API_KEY": "k", "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize(
    ("stop", "kind"),
    [(signal.SIGKILL, "lines.json"), (signal.SIGKILL, "batch.json"), (signal.SIGTERM, "batch.json")],
)
def test_a_stop_while_batches_are_open_buys_nothing_twice(tmp_path, plain, stop, kind):
    given = market(tmp_path)
    with LlmServer(batch_faults=BatchFaults(seconds=3)) as server:
        process = start(given, server)
        deadline = time.monotonic() + 60
        while len(list((tmp_path / "judging" / "scratch").rglob(kind))) < 4 and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(stop)
        _, log = process.communicate(timeout=60)
        assert process.returncode == {signal.SIGKILL: -signal.SIGKILL, signal.SIGTERM: 75}[stop]
        if stop == signal.SIGTERM:
            last = json.loads(log.splitlines()[-1])
            assert "batch_1" in last["message"]
            assert "goes on" in last["message"] or "go on" in last["message"]
        again = start(given, server)
        again.communicate(timeout=60)
        assert again.returncode == 0
        assert set(bought(server).values()) == {1}
        assert len(server.batches.all) == 4
    assert given.judging().digest == plain.digest
    assert bill(given.judging()).calls == CALLS
