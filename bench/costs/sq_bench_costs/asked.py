"""`sq judge` with a stand-in for the model, and what its requests would cost."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sq.v1.source_pb2 import Price
from sq_bench_costs.chorus import Pair
from sq_cli.money.estimate import BYTES_PER_TOKEN
from sq_cli.money.requests import OUTPUT_TOKENS, input_bytes
from sq_e2e.places import sq_command
from sq_llm import Limits, Usage
from sq_llm_server import LlmServer
from sq_llm_server.judges import Answer

_MODES = {
    "plain": {},
    "flex": {"mode": "CALL_MODE_FLEX"},
    "batch": {"mode": "CALL_MODE_BATCH", "batch": {"poll_seconds": 0.1}},
}


@dataclass(frozen=True)
class Asked:
    """Attributes:
    grades: by pair.
    usage: tokens of the requests that arrived, by the rates of `sq plan`.
    """

    grades: Mapping[Pair, int]
    usage: Usage

    def dollars(self, price: Price) -> float:
        return Limits(price=price).cost(self.usage)


def ask(
    answer: Answer, pairs: Sequence[Pair], catalogue: Path, model: str, packing: int, mode: str, folder: Path
) -> Asked:
    """Lets the model judge the pairs, packed by so many.

    Raises:
        RuntimeError: `sq judge` failed, or left a pair out.
    """
    folder.mkdir()
    bodies: list[dict] = []

    def noted(request: dict) -> str:
        bodies.append(request)
        return answer(request)

    with (folder / "pairs.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("query", "docid"), *pairs])
    with LlmServer(answer=noted) as server:
        endpoint = {"model": model, "base_url": server.url, **_MODES[mode]}
        judge = {"openai": {"endpoint": endpoint, "batch_size": packing}}
        command = [*sq_command(), "judge", "--judge", json.dumps(judge), "--catalogue", str(catalogue)]
        command += ["--pairs", str(folder / "pairs.csv"), "--out", str(folder / "judged.csv")]
        environment = os.environ | {"OPENAI_API_KEY": "none", "XDG_STATE_HOME": str(folder / "state")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"sq judge ended with {done.returncode}:\n{done.stderr[-2000:]}")
    with (folder / "judged.csv").open(encoding="utf-8", newline="") as file:
        grades = {(row["query"], row["docid"]): int(row["judgment"]) for row in csv.DictReader(file)}
    if missing := set(pairs) - set(grades):
        raise RuntimeError(f"{len(missing)} of {len(pairs)} pairs are not judged")
    return Asked(grades, _usage(bodies, len(pairs)))


def _usage(bodies: Sequence[dict], pairs: int) -> Usage:
    tokens = round(sum(map(input_bytes, bodies)) / BYTES_PER_TOKEN)
    return Usage(len(bodies), tokens, 0, round(pairs * OUTPUT_TOKENS["whole"]))
