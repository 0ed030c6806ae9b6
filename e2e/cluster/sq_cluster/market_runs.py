"""Runs of search_quality over the two markets of the sample, and their results."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from sq_cluster import places
from sq_cluster.log_by_day import ALL_DAYS, END, FIRST
from sq_cluster.pictures import keep_graph
from sq_cluster.pods import await_no_pods, await_true
from sq_cluster.runs import Runs
from sq_cluster.world import BUCKET, World
from sq_e2e.artefacts import digests, manifests
from sq_e2e.checks import Checks

DAG, GATE = "search_quality", "example_release_gate"
WHOLE, BROKEN = "first", "second"


def start_broken(checks: Checks, made: World, runs: Runs) -> None:
    """Starts a run without one market's catalogue, waits until its first task fails, and starts a complete run."""
    catalogue = made.config.parent / "catalogue.de.ndjson"
    hidden = catalogue.with_suffix(".hidden")
    runs.await_dag(DAG)
    runs.await_dag(GATE)
    catalogue.rename(hidden)
    try:
        runs.start(DAG, BROKEN, ALL_DAYS)
        with checks.check("a market whose catalogue is missing fails"):
            await_true(lambda: runs.state(DAG, BROKEN, "de.generate") == "failed", "de.generate has failed", 900)
    finally:
        hidden.rename(catalogue)
    runs.start(DAG, WHOLE, ALL_DAYS)


def check_whole(checks: Checks, made: World, runs: Runs) -> None:
    """Checks the complete run: two markets at once, uk in two shards, ner-diff in the second cluster."""
    keep_graph(made, runs, DAG, WHOLE)
    with checks.check("both markets through the scheduler, the run succeeds"):
        outcome = runs.finish(DAG, WHOLE)
        assert outcome.state == "success", outcome.states()
    with checks.check("retrieve and evaluate are mapped over shards"):
        tasks = runs.look(DAG, WHOLE).tasks
        assert {index for task, index in tasks if task == "uk.evaluate"} == {0, 1}
        assert {index for task, index in tasks if task == "de.evaluate"} == {0}
    with checks.check("the artefacts are those of sq run --runtime container of the same configuration"):
        asked = len(made.model.calls)
        ours, theirs = digests(made.artefacts / "runs" / WHOLE), _sq_run(made)
        assert set(ours) == places.artefacts(), sorted(ours)
        assert ours == theirs
        assert len(made.model.calls) - asked > 0, "`sq run` asked no model"
    with checks.check("the model is asked with the key of a secret in the cluster, and nothing is refused"):
        assert made.model.calls, "no pod asked the model"
        assert {call["status"] for call in made.model.calls} == {200}
    with checks.check("nothing passes by XCom but the handoff"):
        handoff = runs.handed_over(DAG, WHOLE, "uk.retrieve", 0)
        text = handoff if isinstance(handoff, str) else json.dumps(handoff)
        assert len(text.encode()) <= 4096
        assert f"s3://{BUCKET}/runs/{WHOLE}/uk/retrieve/shard-0-of-2" in text
    with checks.check("pods of successes are removed"):
        for cluster in made.clusters:
            await_no_pods(made, f"dag_id={DAG},run_id={WHOLE}", cluster)
    with checks.check("the run is announced by webhook, with its measures"):
        (message,) = (message for message in made.mailbox.messages if message.get("run_id") == WHOLE)
        assert set(message["measures"]) == {"uk", "de"}
        assert message["report"] == f"s3://{BUCKET}/runs/{WHOLE}/all-markets/consolidate"
    with checks.check("the run is announced by mail"):
        assert any(f"Search quality: {WHOLE}" in letter for letter in made.mailbox.letters)
    with checks.check("a finished report updates its asset"):
        events = made.airflow.request("GET", "/api/v2/assets/events")["asset_events"]
        (event,) = (event for event in events if event["source_run_id"] == WHOLE)
        assert event["source_task_id"] == "announce"
    with checks.check("the asset's event has the figures of the run and the place of its report"):
        report = json.loads((made.artefacts / "runs" / WHOLE / "all-markets/consolidate/report.json").read_text())
        extra = event["extra"]
        assert extra["report"] == f"s3://{BUCKET}/runs/{WHOLE}/all-markets/consolidate"
        found = {market["market"]: market["overall"] for market in report["markets"]}
        for market in ("uk", "de"):
            assert extra["figures"][market]["ndcg"] == found[market]["ndcg"]["value"]
            assert extra["figures"][market]["loss"] == found[market]["loss"]["value"]
        assert extra["figures"]["de"]["log"] == "2026-03-02 to 2026-03-15 (UTC)"
        assert extra["versions"]["sq-evaluate"] == "e2e"
    with checks.check("a DAG that starts with the report stops a release"):
        (run,) = await_true(lambda: _gated(made), "the report starts the gate", 120)
        # The sample shop has planted failures, so its search loses more than the gate allows.
        assert runs.finish(GATE, run).states() == {"gate": {"failed"}, "release": {"upstream_failed"}}
        log = runs.log(GATE, run, "gate")
        for market, figures in extra["figures"].items():
            assert (f"{market} loses {figures['loss']:.1%} of its traffic" in log) == (figures["loss"] > 0.1), log[
                -2000:
            ]


def check_clear(checks: Checks, made: World, runs: Runs) -> None:
    """Clears the last stage of a finished run."""
    with checks.check("clearing announces, mails and posts nothing twice"):
        told = _told(made)
        runs.clear(DAG, WHOLE, ["consolidate"])
        assert runs.finish(DAG, WHOLE).state == "success"
        assert runs.state(DAG, WHOLE, "announce") == "skipped"
        assert _told(made) == told


def _gated(made: World) -> list[str]:
    """The runs of the gate that the whole run's report started."""
    events = made.airflow.request("GET", "/api/v2/assets/events")["asset_events"]
    event = next((event for event in events if event["source_run_id"] == WHOLE), {"created_dagruns": []})
    return [run["run_id"] for run in event["created_dagruns"] if run["dag_id"] == GATE]


def _told(made: World) -> tuple[int, int, int]:
    """How often the whole run was posted and mailed, and updated its asset."""
    events = made.airflow.request("GET", "/api/v2/assets/events")["asset_events"]
    return (
        sum(message.get("run_id") == WHOLE for message in made.mailbox.messages),
        sum(f"Search quality: {WHOLE}" in letter for letter in made.mailbox.letters),
        sum(event["source_run_id"] == WHOLE for event in events),
    )


def check_resume(checks: Checks, made: World, runs: Runs) -> None:
    """Clears the failed task. The run continues without repeating finished work."""
    with checks.check("a market fails, the other is reported, the run is red"):
        first = runs.finish(DAG, BROKEN)
        states = first.states()
        assert first.state == "failed"
        assert states["de.generate"] == {"failed"}
        assert states["uk.report"] == states["consolidate"] == {"success"}
        assert states["verdict"] == {"failed"}
        assert first.tasks["de.generate", -1]["try_number"] == 1, "bad input was retried"
    with checks.check("cleared, the run goes on and uk's work is not repeated"):
        before = made_at(made.artefacts / "runs" / BROKEN / "uk")
        runs.clear(DAG, BROKEN, ["de.generate"])
        again = runs.finish(DAG, BROKEN)
        assert again.state == "success", again.states()
        found = set(digests(made.artefacts / "runs" / BROKEN))
        assert len(found - places.artefacts()) == 1, "all artefacts, and the page made without de"
        assert found >= places.artefacts()
        assert made_at(made.artefacts / "runs" / BROKEN / "uk") == before


def made_at(folder: Path) -> dict[str, str]:
    """The end time of each artefact, by its folder."""
    return {name: manifest["provenance"]["endTime"] for name, manifest in manifests(folder).items()}


def _sq_run(made: World) -> dict[str, str]:
    """Runs the same images with `sq run`, in the container runtime of the first node. Returns the digests."""
    workspace = made.folder / "sq-run"
    images = places.layout(places.images()[0]).parent
    command = [places.SQ, "run", made.config, "--run-id", "local", "--from", FIRST, "--to", END]
    command += ["--runtime", "container", "--engine", "ctr", "--images", images]
    containerd = {
        "CONTAINERD_ADDRESS": str(made.home / "run1/node1/containerd.sock"),
        "CONTAINERD_NAMESPACE": "sq-run",
    }
    environment = made.environment | made.storage.environment | containerd | {"SQ_WORKSPACE": str(workspace)}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return digests(workspace / "local")
