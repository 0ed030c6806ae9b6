"""A stage with guidelines that is killed at any moment buys nothing twice, and ends as one that was not."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from evaluate_market import Market, product, query, query_set, retrieval

from sq_llm_server import Faults, LlmServer

PRODUCTS = [product(f"p{n}", f"Red shirt {n}") for n in range(6)]
QUERIES = [query(f"red shirt {n}") for n in range(14)]
# A guideline and two requests for each query.
CALLS = 14 * 3
BATCH = {"mode": "CALL_MODE_BATCH", "batch": {"maxRequests": 8, "pollSeconds": 0.05}}


def market(folder):
    return Market(folder, query_set(QUERIES), retrieval([(asked, PRODUCTS) for asked in QUERIES]))


def start(given, server, endpoint, budget):
    at = {"model": "m", "baseUrl": server.url, "maxRetries": 0, **endpoint}
    judge = {"endpoint": at, "batchSize": 3, "canaries": {"share": 0}, "guideline": {}}
    config = {"openai": judge, "concurrency": 3, **({"budget": {"maxCalls": budget}} if budget else {})}
    return subprocess.Popen(
        [sys.executable, "-m", "sq_evaluate", *given.command(config)],
        env={**os.environ, "OPENAI_API_KEY": "k", "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
    )


def digest_of_a_whole_run(folder, budget=0):
    given = market(folder)
    with LlmServer() as server:
        assert start(given, server, {}, budget).wait(120) == 0
    return given.judging().digest


def stop_after(process, count, done):
    deadline = time.monotonic() + 60
    while done() < count and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL


@pytest.mark.parametrize("calls", [3, 12, 30])
def test_plain_calls(tmp_path, calls):
    """Also where a budget ends the work: 14 guidelines do not leave calls for all requests."""
    budget = CALLS - 9
    whole = digest_of_a_whole_run(tmp_path / "whole", budget)
    given = market(tmp_path / "killed")
    with LlmServer(faults=Faults(delay_seconds=0.03)) as server:
        stop_after(start(given, server, {}, budget), calls, lambda: len(server.calls))
        while not server.idle:
            time.sleep(0.01)
        assert start(given, server, {}, budget).wait(120) == 0
        # What was in progress when it was killed may be bought again, and nothing else.
        assert sum(Counter(call["request"] for call in server.calls).values()) <= budget + 3
    assert given.judging().digest == whole


@pytest.mark.parametrize("batches", [1, 3])
def test_batches(tmp_path, batches):
    """The first two are of guidelines."""
    whole = digest_of_a_whole_run(tmp_path / "whole")
    given = market(tmp_path / "killed")
    with LlmServer() as server:

        def seen():
            return len({call["batch"] for call in server.calls})

        stop_after(start(given, server, BATCH, 0), batches, seen)
        assert start(given, server, BATCH, 0).wait(120) == 0
        assert max(Counter(call["request"] for call in server.calls).values()) == 1
        assert len(server.calls) == CALLS
    assert given.judging().digest == whole
