"""Checks of the modes flex and batch: the judgments of plain calls, and nothing bought twice."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from pathlib import Path

from sq_judge_e2e.faults import await_idle, shop
from sq_judge_e2e.market import Judged, Market
from sq_llm_server import BatchFaults, Faults, LlmServer

_BATCH_SECONDS = 1.0
_BATCH = {"mode": "CALL_MODE_BATCH", "batch": {"maxRequests": 40, "pollSeconds": 0.1}}
_FLEX = {"mode": "CALL_MODE_FLEX"}
_PRICE = {"price": {"input": 2.0, "output": 8.0}}
_FAULTS = {"expired": 3, "failed_lines": 4, "partial": 5, "lost_output": 11, "failed": 13}
# Six of ten batches have a fault here, and two of them lose all that they had.
_RETRIES = {"maxRetries": 12}


def kills_lose_no_batch(folder: Path, queries: int, kills: int, seed: int) -> str:
    """After kill -9 while batches are open, the same command goes on with them, and buys no answer again."""
    market = shop(folder / "batches", queries)
    with LlmServer(batch_faults=BatchFaults(seconds=_BATCH_SECONDS)) as server:
        expected = _plain(market, server, folder)
        rng, open_batches = random.Random(seed), []
        for number in range(kills):
            market.settings["cacheUri"] = str(folder / f"answers-{number}")
            server.calls.clear()
            created = len(server.batches.all)
            process = market.start(server.url, f"killed-{number}", **_BATCH)
            # The instant of the kill is the input of the check: from the first record of a batch to the last answer.
            while process.poll() is None and not list((market.folder / f"killed-{number}").rglob("lines.json")):
                time.sleep(0.002)
            time.sleep(rng.uniform(0, _BATCH_SECONDS + 0.5))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            open_batches.append(sum(b["status"] == "in_progress" for b in list(server.batches.all.values())))
            judged = market.judge(server.url, f"killed-{number}", **_BATCH)
            await_idle(server)
            assert judged.digest == expected.digest, "the judgments differ from those of plain calls"
            times = Counter(call["request"] for call in server.calls)
            assert len(times) == queries, f"{len(times)} of {queries} requests were answered"
            twice = [request for request, count in times.items() if count > 1]
            assert not twice, f"{len(twice)} requests were bought twice after kill {number}"
            files = len(server.batches.all) - created
            assert files == -(-queries // 40), f"{files} batches for {queries} requests"
            assert judged.usage.calls == queries
    assert any(open_batches), f"no kill came while a batch was open: {open_batches}"
    return f"{kills} kills, batches open at each: {open_batches}"


def batches_are_completed(folder: Path, queries: int) -> str:
    """Batches expire, fail, lose lines and lose output; the judgments are those of plain calls, for half the price."""
    market = shop(folder / "faults", queries)
    faults = BatchFaults(dict(_FAULTS), seconds=0.1, seed=11)
    with LlmServer(batch_faults=faults) as server:
        expected = _plain(market, server, folder)
        server.calls.clear()
        market.settings["cacheUri"] = str(folder / "answers")
        judged = market.judge(server.url, "judging", **_BATCH, **_PRICE, **_RETRIES)
        made = len(server.batches.all)
        happened = {faults.of(n) for n in range(1, made + 1)} - {""}
        answered = [call for call in server.calls if call["status"] == 200]
    assert judged.digest == expected.digest, "the judgments differ from those of plain calls"
    assert happened == set(_FAULTS), f"some faults did not happen in {made} batches: {happened}"
    assert judged.usage.calls == len(answered), f"{judged.usage.calls} answers are billed, {len(answered)} were given"
    per_call = judged.usage.usd / judged.usage.calls
    plain = expected.usage.usd / expected.usage.calls
    # What the service answered and lost is billed at its estimate, which is high.
    assert 0.4 * plain < per_call < 0.75 * plain, f"a request costs {per_call:g} in a batch, {plain:g} alone"
    return f"{made} batches, {len(answered) - queries} answers lost by the service and bought again"


def flex_falls_back(folder: Path, queries: int) -> str:
    """Where flex has no room, calls are made at the standard price, counted, and billed so."""
    market = shop(folder / "flex", queries)
    with LlmServer(faults=Faults({"no_flex": 5})) as server:
        expected = _plain(market, server, folder)
        market.settings["cacheUri"] = str(folder / "answers")
        judged = market.judge(server.url, "judging", **_FLEX, **_PRICE)
    assert judged.digest == expected.digest, "the judgments differ from those of plain calls"
    used, plain = judged.usage, expected.usage
    assert used.fallbacks, "no call fell back"
    assert used.calls == queries + used.fallbacks
    assert plain.usd / 2 < used.usd < plain.usd
    return f"{queries} requests, {used.fallbacks} at the standard price: ${used.usd:.4f} in place of ${plain.usd:.4f}"


def _plain(market: Market, server: LlmServer, folder: Path) -> Judged:
    market.settings["cacheUri"] = str(folder / "answers-plain")
    return market.judge(server.url, "plain", **_PRICE)
