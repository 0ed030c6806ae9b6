"""`bazel run //e2e/cluster`: the sample market on a real cluster, through the real scheduler; a named check a line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sq_cluster import places
from sq_cluster.runs import Outcome, Runs
from sq_cluster.world import BUCKET, World, world
from sq_e2e.checks import Checks

DAG = "search_quality"

# Case of cluster_failures: what its task's log must say.
SENTENCES = {
    "oomkilled": "it was killed for want of memory (OOMKilled, limit 24Mi).",
    "unschedulable": "no node of the cluster takes its pod:",
    "image_pull": "cannot be pulled",
    "quota": "the namespace's quota has no room for its pod: ",
    "missing_volume": "its volume is missing: ",
    "volume_mount": "a volume cannot be mounted: ",
    "missing_configuration": 'its container cannot be made (CreateContainerConfigError): configmap "absent" not found',
    "pod_security": "the namespace's Pod Security standard refuses its pod: ",
    "bad_input": "bad input or configuration (exit 2): ",
}


def main() -> int:
    checks = Checks()
    home = Path(os.environ.get("SQ_KUBE_HOME") or Path.home() / ".cache/sq-kube").absolute()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sq-cluster-") as folder:
        Path(folder).chmod(0o755)
        with world(Path(folder), home) as made:
            print(f"up after {time.monotonic() - started:.0f} s", flush=True)
            runs = Runs(made)
            check_main_run(checks, made, runs)
            check_failures(checks, made, runs)
            check_resume(checks, made, runs)
            check_second_node(checks, made, runs)
    print(f"took {(time.monotonic() - started) / 60:.1f} minutes", flush=True)
    return checks.close()


def check_main_run(checks: Checks, made: World, runs: Runs) -> None:
    """Two markets at once, uk in two shards."""
    outcome = None
    with checks.check("both markets through the scheduler, the run succeeds"):
        runs.await_dag(DAG)
        runs.start(DAG, "first")
        outcome = runs.finish(DAG, "first")
        assert outcome.state == "success", outcome.states()
    with checks.check("retrieve and evaluate are mapped over shards"):
        assert {index for task, index in outcome.tasks if task == "uk.evaluate"} == {0, 1}
        assert {index for task, index in outcome.tasks if task == "de.evaluate"} == {0}
    with checks.check("the artefacts are those of `sq run` of the same configuration"):
        ours, theirs = _digests(made.artefacts / "runs/first"), _sq_run(made)
        assert len(ours) == 13, sorted(ours)
        assert ours == theirs
    with checks.check("nothing passes by XCom but the handoff"):
        handoff = json.loads(json.dumps(runs.handed_over(DAG, "first", "uk.retrieve", 0)))
        text = handoff if isinstance(handoff, str) else json.dumps(handoff)
        assert len(text.encode()) <= 4096
        assert f"s3://{BUCKET}/runs/first/uk/retrieve/shard-0-of-2" in text
    with checks.check("pods of successes are removed"):
        assert _pods(made) == []
    with checks.check("the run is announced by webhook, with its measures"):
        (message,) = made.mailbox.messages
        assert set(message["measures"]) == {"uk", "de"}
        assert message["report"] == f"s3://{BUCKET}/runs/first/all-markets/consolidate"
    with checks.check("the run is announced by mail"):
        assert any("Search quality: first" in letter for letter in made.mailbox.letters)
    with checks.check("a finished report updates its asset"):
        events = made.airflow.request("GET", "/api/v2/assets/events")["asset_events"]
        assert [event["source_task_id"] for event in events] == ["consolidate"]


def check_failures(checks: Checks, made: World, runs: Runs) -> None:
    """Each way a pod fails ends in one sentence."""
    runs.await_dag("cluster_failures")
    before = len(made.mailbox.letters)
    runs.start("cluster_failures", "failures")
    outcome = runs.finish("cluster_failures", "failures")
    for case, sentence in SENTENCES.items():
        with checks.check(f"failure: {case}"):
            assert outcome.tasks[case, -1]["state"] == "failed"
            log = runs.log("cluster_failures", "failures", case)
            assert sentence in log, log[-3000:]
            assert "see docs/runbook.md#" in log
            assert "'api_version': 'v1'" not in log, "the log holds a dump of the pod"
    with checks.check("failures are written about"):
        letters = made.mailbox.letters[before:]
        assert sum("cluster_failures" in letter for letter in letters) >= len(SENTENCES), len(letters)
    with checks.check("failed pods that ran are kept, those that never began are not"):
        kept = {pod["metadata"]["labels"]["task_id"] for pod in _pods(made)}
        assert kept == {"oomkilled", "bad_input"}, kept


def check_resume(checks: Checks, made: World, runs: Runs) -> None:
    """One market fails while the other finishes; cleared, it goes on without repeating anything."""
    catalogue = made.config.parent / "catalogue.de.ndjson"
    hidden = catalogue.with_suffix(".hidden")
    first: Outcome | None = None
    with checks.check("a market fails, the other is reported, the run is red"):
        catalogue.rename(hidden)
        runs.start(DAG, "second")
        first = runs.finish(DAG, "second")
        states = first.states()
        assert first.state == "failed"
        assert states["de.generate"] == {"failed"}
        assert states["uk.report"] == states["consolidate"] == {"success"}
        assert states["verdict"] == {"failed"}
        assert first.tasks["de.generate", -1]["try_number"] == 1, "bad input is tried again"
    with checks.check("cleared, the run goes on and uk's work is not repeated"):
        hidden.rename(catalogue)
        made_before = _made(made.artefacts / "runs/second/uk")
        runs.clear(DAG, "second", ["de.generate"])
        again = runs.finish(DAG, "second")
        assert again.state == "success", again.states()
        assert len(_digests(made.artefacts / "runs/second")) == 14, "13, and the page made without de"
        assert _made(made.artefacts / "runs/second/uk") == made_before


def check_second_node(checks: Checks, made: World, runs: Runs) -> None:
    """A pod waits for a node, and runs once there is one: autoscaling by hand."""
    with checks.check("a pod is pending, a node is added, the pod runs, the node goes"):
        made.kubectl("cordon", "node1")
        try:
            runs.start(DAG, "third", {"markets": ["uk"]})
            _await(lambda: any(pod["status"]["phase"] == "Pending" for pod in _pods(made) if _is_of(pod, "third")))
            made.script("node.sh", "up", "2")
            outcome = runs.finish(DAG, "third")
            assert outcome.states()["uk.report"] == {"success"}, outcome.states()
            assert outcome.states()["de.generate"] == {"skipped"}
        finally:
            made.kubectl("uncordon", "node1")
            made.script("node.sh", "down", "2")
        assert made.kubectl("get", "nodes", "-o", "name").split() == ["node/node1"]


def _digests(run: Path) -> dict[str, str]:
    """Digest of every artefact of a run, by its place in it."""
    return {
        str(path.parent.relative_to(run)): json.loads(path.read_text())["digest"] for path in run.rglob("manifest.json")
    }


def _made(folder: Path) -> dict[str, str]:
    """When each artefact was made, by its place."""
    return {
        str(path.relative_to(folder)): json.loads(path.read_text())["provenance"]["endTime"]
        for path in folder.rglob("manifest.json")
    }


def _sq_run(made: World) -> dict[str, str]:
    workspace = made.folder / "sq-run"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"SQ_WORKSPACE": str(workspace), "SQ_SEARCH_URL": made.search_url}
    command = [places.SQ, "run", made.config, "--run-id", "local"]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return _digests(workspace / "local")


def _pods(made: World) -> list[dict]:
    return json.loads(made.kubectl("get", "pods", "-n", "sq", "-o", "json"))["items"]


def _is_of(pod: dict, run_id: str) -> bool:
    return pod["metadata"]["annotations"].get("sq/run") == run_id


def _await(true, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not so after {seconds} s"
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
