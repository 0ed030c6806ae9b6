"""`bazel run //e2e:cluster`: the pipeline on real clusters, through the real scheduler.

Prints one line for each check. Each part starts its own runs, which go side by side, and checks them after they end.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

from sq_cluster import (
    busy_node,
    failures,
    in_cluster,
    installed,
    market_runs,
    models,
    parameters,
    pins,
    restarts,
    sensor,
    telemetry,
    triggers,
)
from sq_cluster.documented import NamedChecks, check_documentation
from sq_cluster.runs import Runs
from sq_cluster.start import world
from sq_cluster.world import World
from sq_e2e.checks import Checks

PARTS = ("parameters", "failures", "markets", "models", "operations")
# These need no second cluster.
_ONE_CLUSTER = {"models"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="cluster", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; default: all")
    parts = parser.parse_args().parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"unknown PART: {', '.join(sorted(unknown))}; choose from {', '.join(PARTS)}")
    # SIGTERM still stops everything that was started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    checks = NamedChecks()
    home = Path(os.environ.get("SQ_KUBE_HOME") or Path.home() / ".cache/sq-kube").absolute()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sq-cluster-") as folder:
        Path(folder).chmod(0o755)
        with world(Path(folder), home, (1,) if set(parts) <= _ONE_CLUSTER else (1, 2)) as made:
            print(f"up after {time.monotonic() - started:.0f} s", flush=True)
            check(checks, made, Runs(made), parts)
        if checks.failed:
            keep_logs(Path(folder) / "airflow", home / "failed")
    check_documentation(checks, set(parts) == set(PARTS))
    print(f"took {(time.monotonic() - started) / 60:.1f} minutes", flush=True)
    return checks.close()


def keep_logs(airflow: Path, kept: Path) -> None:
    """Copies the logs of Airflow's programs and tasks to `kept`. Replaces those of an earlier failed run."""
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(airflow / "logs", kept / "tasks")
    for log in airflow.glob("*.log"):
        shutil.copy(log, kept)
    shutil.copy(airflow / "postgres/log", kept / "postgres.log")
    print(f"Airflow's logs are in {kept}", flush=True)


def check(checks: Checks, made: World, runs: Runs, parts: Collection[str]) -> None:
    """Runs the parts. All runs start before the first wait."""
    if "parameters" in parts:
        parameters.start_parameters(made, runs)
        in_cluster.start_worker(made)
        installed.check_installed(checks, made)
    if "failures" in parts:
        failures.start_failures(runs)
    if "markets" in parts:
        market_runs.start_broken(checks, made, runs)
    if "failures" in parts:
        failures.interfere(checks, made)
    if "parameters" in parts:
        busy_node.check_busy_node(checks, made, runs)
        in_cluster.check_worker(checks, made)
        parameters.check_parameters(checks, made, runs)
    if "failures" in parts:
        failures.check_failures(checks, made, runs)
        failures.check_dag_not_appearing(checks, made, runs)
    # Its first runs go beside those of the markets.
    started = models.start_models(made, runs) if "models" in parts else None
    if "markets" in parts:
        market_runs.check_whole(checks, made, runs)
        telemetry.check_telemetry(checks, made, runs)
        market_runs.check_clear(checks, made, runs)
        pins.check_pins(checks, made, runs)
        sensor.check_sensor(checks, made, runs)
        market_runs.check_resume(checks, made, runs)
    if started:
        models.check_models(checks, made, runs, started)
    if "operations" in parts:
        check_operations(checks, made, runs)


def check_operations(checks: Checks, made: World, runs: Runs) -> None:
    """Runs after all other parts, because it kills programs that they need."""
    with restarts.watched_pods(made) as seen:
        restarts.start_restarts(runs)
        triggers.start_others(runs)
        restarts.interfere(checks, made, runs)
        triggers.start_triggers(checks, made, runs)
        restarts.check_restarts(checks, made, runs, seen)
        triggers.check_triggers(checks, made, runs)
        triggers.check_others(checks, made, runs)


if __name__ == "__main__":
    sys.exit(main())
