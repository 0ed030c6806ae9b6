"""Checks of calls: none lost, none paid twice, whatever fails."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sq_judge_e2e.market import Market, query, shirt
from sq_llm_server import Faults, LlmServer

CONCURRENCY = 16
# A tenth of these is malformed in another way: no answer's form, or a gateway's page.
_FAULTS = ("429:5%", "500:2%", "slow:1%", "html:0.5%", "choices_null:0.5%")
_TIMEOUT_SECONDS, _SLOW_SECONDS = 1.0, 3.0


def shop(folder: Path, queries: int) -> Market:
    """Queries with five products each."""
    folder.mkdir()
    results = [(query(f"red shirt {n}", n), [shirt(n + m) for m in range(5)]) for n in range(queries)]
    return Market(folder, results, {"concurrency": CONCURRENCY, "cacheUri": str(folder.parent / "answers")})


def answers_are_complete(folder: Path, queries: int) -> str:
    """No pair is lost, and none is paid for twice."""
    market = shop(folder / "faults", queries)
    with LlmServer(faults=Faults.parse(_FAULTS, slow_seconds=_SLOW_SECONDS, seed=11)) as server:
        judged = market.judge(server.url, "judging", timeoutSeconds=_TIMEOUT_SECONDS)
        await_idle(server)
        calls = list(server.calls)
    assert not judged.failures, f"{len(judged.failures)} pairs failed, the first: {judged.failures[0]}"
    assert len(judged.grades) == market.pairs, f"{len(judged.grades)} of {market.pairs} pairs are judged"
    good = Counter(call["request"] for call in calls if call["status"] == 200 and not call["fault"])
    twice = [request for request, count in good.items() if count > 1]
    assert not twice, f"{len(twice)} requests were answered well more than once"
    kinds = Counter(call["fault"] for call in calls if call["fault"])
    assert len(kinds) == len(_FAULTS), f"some faults did not happen: {dict(kinds)}"
    wasted = len(calls) - len(good)
    assert judged.usage.calls == len(calls), f"{judged.usage.calls} calls are in the manifest, {len(calls)} were made"
    return f"{market.pairs} pairs, {len(calls)} calls, {wasted} of them wasted: {dict(sorted(kinds.items()))}"


def kills_repeat_little(folder: Path, queries: int, kills: int, seed: int) -> str:
    """After kill -9, calls are repeated at most that were in flight, and the result is that of an undisturbed run."""
    return repeats_after_kills(folder, queries, kills, seed, lambda number: str(folder / f"answers-{number}"))


def repeats_after_kills(folder: Path, queries: int, kills: int, seed: int, uris: Callable[[int], str]) -> str:
    """As `kills_repeat_little`. `uris` has a place for answers for each kill, and 0 for the undisturbed run."""
    market = shop(folder / "kills", queries)
    market.settings["cacheUri"] = uris(0)
    with LlmServer(faults=Faults(delay_seconds=0.1)) as server:
        expected = market.judge(server.url, "undisturbed").digest
        made = len(server.calls)
        assert made == queries
        rng, repeats = random.Random(seed), []
        for number in range(kills):
            market.settings["cacheUri"] = uris(number + 1)
            before = len(server.calls)
            process = market.start(server.url, f"killed-{number}")
            # The instant of the kill is the input of the check.
            target = before + rng.randrange(queries)
            while len(server.calls) < target and process.poll() is None:
                time.sleep(0.002)
            time.sleep(rng.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            await_idle(server)
            assert market.judge(server.url, f"killed-{number}").digest == expected
            repeats.append(len(server.calls) - before - queries)
    assert all(0 <= count <= CONCURRENCY for count in repeats), f"calls repeated: {repeats}"
    return f"{kills} kills, calls repeated after each: {repeats}"


def await_idle(server: LlmServer) -> None:
    """The server may still be answering calls of a client that is gone."""
    time.sleep(0.1)
    while not server.idle:
        time.sleep(0.01)
