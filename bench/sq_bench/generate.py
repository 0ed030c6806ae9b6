"""The engines of sq-generate against DuckDB with only the group-by. They take turns, each in its own process."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sq_bench import query_log
from sq_bench.measure import Comparison, from_rates
from sq_bench.memory import Usage, watch

ROWS = 10_000_000
DISTINCT = 2_000_000
PAIRS = 5
_PEER = "plain duckdb: SELECT query, count(*) … GROUP BY query"
_MIB = 1 << 20


@dataclass(frozen=True)
class Way:
    """One way to count, and how to measure it."""

    name: str
    command: Sequence[str]

    def measure(self, folder: Path, pair: int) -> tuple[float, Usage]:
        """Returns the seconds of the work alone, and the usage of the whole process."""
        used = watch([part.format(pair=pair, folder=folder) for part in self.command], _environment())
        try:
            return float(used.stdout), used
        except ValueError:
            return used.seconds, used


def run(folder: Path, catalogue: Path) -> list[Comparison]:
    """Compares the rows per second and the memory of each way. Includes Spark if pyspark is installed."""
    query_log.write(folder / "log", ROWS, DISTINCT)
    spark = importlib.util.find_spec("pyspark") is not None
    ways = [_counting("read and count", "duckdb"), stage(folder, catalogue, "whole stage", {})]
    if spark:
        options = {"engine": "ENGINE_SPARK", "spark": {"master": "local[2]"}}
        ways += [_counting("read and count, Spark", "spark"), stage(folder, catalogue, "whole stage, Spark", options)]
    peer = _counting("plain", "plain")
    return [part for way in ways for part in _against(way, peer, folder)]


def stage(folder: Path, catalogue: Path, name: str, options: dict) -> Way:
    """The whole program, from its start to the published artefact."""
    config = {
        "source_language": "en",
        "target_language": "en",
        "log": {"uri": [f"{folder}/log/"]},
        "catalogue": {"uri": str(catalogue)},
        **options,
    }
    place = folder / f"{name.replace(' ', '-')}.json"
    place.write_text(json.dumps(config))
    program = [sys.executable, "-m", "sq_generate", "--run-id", "bench", "--market", "bench", "--config", str(place)]
    return Way(name, [*program, "--output", str(folder / "out") + "/" + place.stem + "-{pair}"])


def _counting(name: str, how: str) -> Way:
    return Way(name, [sys.executable, "-m", "sq_bench.counting", how, "{folder}/log"])


def _against(way: Way, peer: Way, folder: Path) -> list[Comparison]:
    way.measure(folder, 0)
    pairs = [(way.measure(folder, pair + 1), peer.measure(folder, pair + 1)) for pair in range(PAIRS)]
    rates = [(ROWS / ours, ROWS / theirs) for (ours, _), (theirs, _) in pairs]
    peaks = [(ours.peak / _MIB, theirs.peak / _MIB) for (_, ours), (_, theirs) in pairs]
    return [
        from_rates(f"generate, {way.name}", "rows/s", _PEER, rates),
        from_rates(f"generate, {way.name}: memory", "MiB at most", _PEER, peaks),
    ]


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "SQ_LOG_LEVEL": "WARNING"}
