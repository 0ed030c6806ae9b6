"""`bazel run //bench/airflow`: the time that Airflow adds to a stage, against a bare `kubectl run` of the same image.

The start and the end of a stage are those of its span.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from sq_cluster.runs import Runs
from sq_cluster.site import NAMESPACE
from sq_cluster.start import world
from sq_cluster.world import World
from sq_otlp import Span

DAG = "search_quality"
MARKETS, SHARDS = 20, 4
_PAIRS = 5
_SMALL = {"query_budget": 4, "judge": "baseline"}


def main() -> int:
    home = Path(os.environ.get("SQ_KUBE_HOME") or Path.home() / ".cache/sq-kube").absolute()
    with tempfile.TemporaryDirectory(prefix="sq-bench-") as folder:
        Path(folder).chmod(0o755)
        with world(Path(folder), home, clusters=[1]) as made:
            runs = Runs(made)
            runs.await_dag(DAG)
            print_overhead(made, runs)
            print_many(made, runs)
    return 0


def print_overhead(made: World, runs: Runs) -> None:
    """Prints the seconds before and after report. A bare pod follows each run within the same minute."""
    ours, bare = [], []
    for number in range(_PAIRS):
        run = f"bench-{number}"
        runs.start(DAG, run, _SMALL | {"markets": ["de"]})
        queued = _first_queued(made, runs, run)
        task = runs.finish(DAG, run).tasks["de.report", -1]
        ours.append(_around(_span(made, run), queued, _seconds(task["end_date"])))
        bare.append(_bare(made, run))
    print("| seconds, median (least to most) | before the stage | after it |")
    print("| --- | --- | --- |")
    for name, pairs in (("task queued … task success, deferred", ours), ("`kubectl run` … its end", bare)):
        print(f"| {name} | {_spread([a for a, _ in pairs])} | {_spread([b for _, b in pairs])} |", flush=True)


def _first_queued(made: World, runs: Runs, run: str) -> float:
    """The time at which report was first queued. Airflow overwrites it after the pod ends."""
    path = f"/api/v2/dags/{DAG}/dagRuns/{run}/taskInstances/de.report"
    while not (queued := made.airflow.request("GET", path)["queued_when"]):
        assert runs.run_state(DAG, run) not in ("success", "failed"), f"{run} ended without report"
        time.sleep(0.5)
    return _seconds(queued)


def print_many(made: World, runs: Runs) -> None:
    """Prints the duration of one run of many markets and shards on one node, and the time to parse its DAG."""
    file = made.folder / "run.json"
    config = json.loads(file.read_text())
    model = next(market for market in config["markets"] if market["market"] == "de")
    print(f"\nThe DAG of {len(config['markets'])} markets parses in {_parse_time(made)},", end=" ")
    config["markets"] = [model | {"market": f"m{number:02}", "shards": SHARDS} for number in range(MARKETS)]
    file.write_text(json.dumps(config))
    print(f"that of {MARKETS} markets in {_parse_time(made)}.", flush=True)
    runs.pause(DAG)
    runs.parse(DAG)
    _await_markets(made)
    runs.await_dag(DAG)
    runs.start(DAG, "many", _SMALL)
    started = time.monotonic()
    outcome = runs.finish(DAG, "many", 7200)
    print(
        f"{MARKETS} markets x {SHARDS} shards, {len(outcome.tasks)} tasks on one node: {outcome.state} "
        f"after {(time.monotonic() - started) / 60:.1f} minutes"
    )


def _parse_time(made: World) -> str:
    """The time to parse the DAG, from Airflow's own report: hours, minutes and seconds."""
    output = made.airflow.command("dags", "report", "-o", "json")
    # Airflow prints its log before the report.
    report = json.loads(output[output.index("[{") :])
    (parsed,) = (item["duration"] for item in report if "search_quality.py" in item["file"])
    return parsed


def _await_markets(made: World) -> None:
    """Waits until Airflow has parsed the DAG with all markets."""
    while True:
        tasks = made.airflow.request("GET", f"/api/v2/dags/{DAG}/tasks")["tasks"]
        if any(task["task_id"].startswith(f"m{MARKETS - 1:02}.") for task in tasks):
            return
        time.sleep(2)


def _bare(made: World, run: str) -> tuple[float, float]:
    """Runs the same stage over the same inputs with kubectl. Returns the seconds before its start and after its end."""
    image = json.loads((made.folder / "images.lock.json").read_text())
    digest = image["images"]["sq-report"]["digest"]
    workspace = f"s3://sq-runs/runs/{run}/de"
    inputs = {"queries": "generate", "retrieval": "retrieve/shard-0-of-1", "judgments": "evaluate/shard-0-of-1"}
    inputs |= {"tag_differences": "ner-diff"}
    arguments = ["--run-id", f"{run}-bare", "--market", "de", "--config", "{}", "--output", f"{workspace}/bare"]
    arguments += [part for name, place in inputs.items() for part in ("--input", f"{name}={workspace}/{place}")]
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True}
    container = {
        "name": "bare",
        "image": f"{image['registry']}/sq-report@{digest}",
        "command": ["sq-report", *arguments],
        "env": [{"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": made.receiver.url}],
        "envFrom": [{"configMapRef": {"name": "sq-storage"}}, {"secretRef": {"name": "sq-storage-keys"}}],
        "securityContext": security | {"runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
    }
    spec = {"containers": [container], "imagePullSecrets": [{"name": "sq-registry"}], "restartPolicy": "Never"}
    overrides = json.dumps({"apiVersion": "v1", "spec": spec})
    started = time.time()
    made.kubectl(
        "run", "bare", "-n", NAMESPACE, "--image", container["image"], "--restart=Never", "--overrides", overrides
    )
    made.kubectl("wait", "-n", NAMESPACE, "pod/bare", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=300s")
    ended = time.time()
    made.kubectl("delete", "pod", "-n", NAMESPACE, "bare", "--wait=true")
    return _around(_span(made, f"{run}-bare"), started, ended)


def _span(made: World, run: str) -> Span:
    (span,) = (s for s in made.receiver.spans if s.name == "report" and s.about.get("sq.run") == run)
    return span


def _around(span: Span, before: float, after: float) -> tuple[float, float]:
    return span.start - before, after - span.end


def _seconds(when: str) -> float:
    return datetime.fromisoformat(when).timestamp()


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


if __name__ == "__main__":
    sys.exit(main())
