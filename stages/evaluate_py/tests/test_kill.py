"""After kill -9 at any moment, no kept answer is paid for again, and the result is that of an undisturbed run."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from evaluate_market import Market, product, query, query_set, retrieval

from sq_llm_server import Faults, LlmServer

PRODUCTS = [product(f"p{n}", f"Red shirt {n}") for n in range(9)]
QUERIES = [query(f"red shirt {n}") for n in range(10)]
CALLS = 30


@pytest.fixture
def server():
    with LlmServer(faults=Faults(delay_seconds=0.05)) as started:
        yield started


def market(folder):
    return Market(folder, query_set(QUERIES), retrieval([(asked, PRODUCTS) for asked in QUERIES]))


def config(server):
    endpoint = {"model": "m", "baseUrl": server.url, "maxRetries": 0}
    judge = {"endpoint": endpoint, "batchSize": 3, "canaries": {"share": 0}}
    return {"openai": judge, "concurrency": 3, "budget": {"maxCalls": CALLS - 2}}


def start(given, server, output="judging"):
    return subprocess.Popen(
        [sys.executable, "-m", "sq_evaluate", *given.command(config(server), output)],
        env={**os.environ, "OPENAI_API_KEY": "k", "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The digest of a run that was not interrupted."""
    given = market(tmp_path_factory.mktemp("undisturbed"))
    with LlmServer() as server:
        assert start(given, server).wait(60) == 0
    return given.judging().digest


def wait_for_calls(server, count, process):
    deadline = time.monotonic() + 60
    while len(server.calls) < count and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)


def wait_until_idle(server):
    """The server may still be answering calls of the dead process."""
    time.sleep(0.1)
    while not server.idle:
        time.sleep(0.01)


def kept(given):
    """The number of answers in the store."""
    path = given.folder / "judging" / "scratch" / "answers.sqlite"
    if not path.exists():
        return 0
    with contextlib.closing(sqlite3.connect(path)) as file:
        # It may have been killed before the tables were there.
        tables = file.execute("SELECT count(*) FROM sqlite_master WHERE name = 'entries'").fetchone()[0]
        return file.execute("SELECT count(*) FROM entries").fetchone()[0] if tables else 0


@pytest.mark.parametrize(
    ("stop", "after_calls"),
    [(signal.SIGKILL, 1), (signal.SIGKILL, 8), (signal.SIGKILL, 27), (signal.SIGTERM, 8)],
)
def test_no_answer_that_was_kept_is_paid_for_again(tmp_path, server, undisturbed, stop, after_calls):
    given = market(tmp_path)
    process = start(given, server)
    wait_for_calls(server, after_calls, process)
    process.send_signal(stop)
    assert process.wait(60) == {signal.SIGKILL: -signal.SIGKILL, signal.SIGTERM: 75}[stop]
    assert not (given.folder / "judging" / "manifest.json").exists()
    wait_until_idle(server)
    survived, made = kept(given), len(server.calls)
    if stop == signal.SIGTERM:
        # Running calls end, and their answers are kept.
        assert survived == made

    assert start(given, server).wait(60) == 0
    assert len(server.calls) - made == CALLS - 2 - survived
    assert given.judging().digest == undisturbed
