"""The DAGs of models: a judge is trained, promoted and run; what cannot be trusted is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from sq_cluster.forecast import check_forecast
from sq_cluster.model_bucket import CLAIM, LABELS, MODELS, RAN, claim_folder, prepare
from sq_cluster.pods import await_true, pods
from sq_cluster.runs import Runs
from sq_cluster.site import GATE
from sq_cluster.world import World
from sq_e2e.checks import Checks

TRAINING, INFERENCE = "judge_training", "judge_inference"
_POOR, _BEFORE, _AFTER, _ONE_CLASS, _NO_CLAIM = "poor", "before", "after", "one-class", "no-claim"
_RIVALS = {"rival-1": {"seed": 1}, "rival-2": {"seed": 2}}
# These share a claim. They are no better than what is in production.
_WRONG = {"labels": f"{LABELS}/wrong.csv"}
_ON_CLAIM = {"shared-1": _WRONG | {"seed": 3}, "shared-2": _WRONG | {"seed": 4}}

# Model: the task that fails, and its sentence.
_REFUSED = {
    "absent": ("load_model", "models/absent@v1 is not registered"),
    "unsigned": ("load_model", "it has no signature"),
    "altered": ("load_model", "it was altered after it was signed"),
    "raises": ("predict", "raised KeyError at model.py:"),
}


def start_models(made: World, runs: Runs) -> Future:
    """Prepares and starts the first training and the runs that fail, beside all other checks."""
    pool = ThreadPoolExecutor(1)
    started = pool.submit(_start, made, runs)
    pool.shutdown(wait=False)
    return started


def _start(made: World, runs: Runs) -> None:
    prepare(made)
    _open(made)
    for dag in (TRAINING, INFERENCE):
        runs.await_dag(dag)
    runs.start(TRAINING, _POOR, {"labels": f"{LABELS}/wrong.csv"})
    runs.start(TRAINING, _ONE_CLASS, {"labels": f"{LABELS}/one-class.csv"})
    for name in _REFUSED:
        runs.start(INFERENCE, name, {"model": f"{MODELS}/{name}@v1"})


def check_models(checks: Checks, made: World, runs: Runs, started: Future) -> None:
    started.result()
    with checks.check("models: a first judge is trained, registered and promoted"):
        outcome = runs.finish(TRAINING, _POOR)
        assert outcome.state == "success", outcome.states()
        assert _production(made) == [_version(made, _POOR)]
    runs.start(INFERENCE, _BEFORE)
    _start_rivals(made, runs)
    _check_refusals(checks, made, runs)
    with checks.check("models: a run is judged by the model in production, and its judgments are stored"):
        outcome = runs.finish(INFERENCE, _BEFORE)
        assert outcome.state == "success", outcome.states()
        assert _judgments(made, _BEFORE)
    with checks.check("models: load_data and load_model run at the same time"):
        loads = [outcome.tasks[name, -1] for name in ("load_data", "load_model")]
        assert max(task["start_date"] for task in loads) < min(task["end_date"] for task in loads), loads
    with checks.check("models: the copies of a run are removed"):
        folder = made.artefacts / "runs" / INFERENCE.replace("_", "-") / _BEFORE / "all-markets"
        assert not [path for name in ("load-data", "load-model") for path in folder.glob(f"{name}/**/*.*")]
        assert (folder / "predict/manifest.json").exists()
    # While the rivals train.
    check_forecast(checks, made)
    _check_rivals(checks, made, runs)
    _check_swap(checks, made, runs)


def _start_rivals(made: World, runs: Runs) -> None:
    """Starts trainings on object storage, on a claim, and on a claim that is missing. Their promotions have to wait."""
    _close(made)
    _start_with(made, runs, _RIVALS, {})
    _start_with(made, runs, _ON_CLAIM, {"shared_claims": {"judge-training": CLAIM}})
    missing = {"shared_claims": {"judge-training": "absent"}, "pods": {"schedule_timeout_seconds": 10}}
    _start_with(made, runs, {_NO_CLAIM: {}}, missing)


def _start_with(made: World, runs: Runs, trainings: Mapping[str, dict], own: Mapping[str, dict]) -> None:
    """Starts trainings with settings of their own, which their pins keep."""
    path = made.folder / "settings.json"
    before = path.read_text(encoding="utf-8")
    settings = json.loads(before)
    _replace(path, json.dumps(settings | {name: settings.get(name, {}) | fields for name, fields in own.items()}))
    try:
        for run, conf in trainings.items():
            runs.start(TRAINING, run, conf)
        for run in trainings:
            await_true(lambda run=run: runs.state(TRAINING, run, "pin") == "success", f"{run} has its pins", 180)
    finally:
        _replace(path, before)


def _replace(path: Path, text: str) -> None:
    """Replaces a file that Airflow may read just then."""
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _check_refusals(checks: Checks, made: World, runs: Runs) -> None:
    with checks.check("models: labels of one class end a training before it begins"):
        outcome = runs.finish(TRAINING, _ONE_CLASS)
        assert outcome.state == "failed"
        assert outcome.states()["train"] == {"upstream_failed"}
        _says(runs.log(TRAINING, _ONE_CLASS, "validate"), "have the grade 4: there is nothing to tell apart")
    with checks.check("models: a claim that is missing ends a training in its first task"):
        outcome = runs.finish(TRAINING, _NO_CLAIM)
        assert outcome.state == "failed"
        assert outcome.tasks["load_data", -1]["try_number"] == 1
        _says(runs.log(TRAINING, _NO_CLAIM, "load_data"), "A volume is missing: ", "missing-volume")
    for name, (task, sentence) in _REFUSED.items():
        with checks.check(f"models: {name} is not run, nothing is stored, and the run is red"):
            outcome = runs.finish(INFERENCE, name)
            assert outcome.state == "failed"
            assert outcome.tasks[task, -1]["state"] == "failed", outcome.states()
            log = runs.log(INFERENCE, name, task)
            _says(log, sentence)
            assert (RAN in log) == (name == "raises"), log[-2000:]
            assert outcome.tasks["cleanup", -1]["state"] == "success"
            assert not (made.artefacts / f"judgments/{name}.ndjson").exists()


def _check_rivals(checks: Checks, made: World, runs: Runs) -> None:
    """All candidates were compared with the same production. Their promotions start at the same moment."""
    trainings = [*_RIVALS, *_ON_CLAIM]
    await_true(lambda: len(pods(made, f"dag_id={TRAINING},task_id=promote")) == len(trainings), "all wait", 900)
    _open(made)
    outcomes = {run: runs.finish(TRAINING, run) for run in trainings}
    won = [run for run in _RIVALS if outcomes[run].state == "success"]
    with checks.check("models: of two promotions at once one wins, and the other says why"):
        assert len(won) == 1, {run: outcomes[run].states() for run in _RIVALS}
        (lost,) = set(_RIVALS) - set(won)
        assert outcomes[lost].tasks["promote", -1]["try_number"] == 1
        _says(runs.log(TRAINING, lost, "promote"), "meanwhile|at the same time")
        assert _production(made) == [_version(made, _POOR), _version(made, won[0])]
    with checks.check("models: two trainings at once share a claim, and each has its own folder there"):
        for run in _ON_CLAIM:
            assert outcomes[run].state == "success", outcomes[run].states()
            assert not (made.artefacts / "runs/judge-training" / run / "all-markets").exists()
        assert len({_version(made, run) for run in _ON_CLAIM}) == len(_ON_CLAIM)
    with checks.check("models: a judge that is not better is registered, and production stays"):
        for run in _ON_CLAIM:
            assert outcomes[run].tasks["promote", -1]["state"] == "skipped"
            assert (made.artefacts / f"models/judge/_registry/{_version(made, run)}.json").exists()
    with checks.check("models: the outcome of a training is told by webhook and mail, with its reason"):
        told = {message["run_id"]: message for message in made.mailbox.messages if message.get("dag_id") == TRAINING}
        promoted = {run: message["promoted"] for run, message in told.items()}
        assert promoted == {_POOR: True, won[0]: True, **dict.fromkeys(_ON_CLAIM, False)}
        assert all("is not promoted: not better" in told[run]["reason"] for run in _ON_CLAIM)
        assert "quadratic kappa" in told[won[0]]["notes"]["evaluate"]
        subjects = [letter for letter in made.mailbox.letters if "production stays as it is" in letter]
        assert len(subjects) == len(_ON_CLAIM), len(subjects)


def _check_swap(checks: Checks, made: World, runs: Runs) -> None:
    with checks.check("models: a new version changes the judgments, and the image is the same"):
        runs.start(INFERENCE, _AFTER)
        outcome = runs.finish(INFERENCE, _AFTER)
        assert outcome.state == "success", outcome.states()
        assert _judgments(made, _AFTER) != _judgments(made, _BEFORE)
        before, after = (_provenance(made, INFERENCE, run, "predict") for run in (_BEFORE, _AFTER))
        assert before["imageDigest"] == after["imageDigest"]
        assert before["models"][0]["uri"] != after["models"][0]["uri"]


def _open(made: World) -> None:
    made.kubectl("label", "nodes", "--all", "--overwrite", f"{GATE}=open")


def _close(made: World) -> None:
    """Pods of promote wait for a node until `_open`."""
    made.kubectl("label", "nodes", "--all", f"{GATE}-")


def _says(log: str, sentences: str, heading: str = "bad-input") -> None:
    assert any(one in log for one in sentences.split("|")), log[-3000:]
    assert f"see docs/runbook.md#{heading}" in log, log[-3000:]


def _production(made: World) -> list[str]:
    """The versions that were put in production, oldest first."""
    moves = sorted((made.artefacts / "models/judge/_production").glob("*.json"))
    return [json.loads(move.read_text(encoding="utf-8"))["version"] for move in moves]


def _version(made: World, run: str) -> str:
    """The version that a training registered."""
    note = _provenance(made, TRAINING, run, "register")["handoff"]["note"]
    return note.rpartition("@")[2]


def _provenance(made: World, dag: str, run: str, node: str) -> dict:
    workspace = claim_folder(made) if run in _ON_CLAIM else made.artefacts / "runs"
    path = workspace / dag.replace("_", "-") / run / "all-markets" / node / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8"))["provenance"]


def _judgments(made: World, run: str) -> dict[tuple[str, str], int]:
    """The grade of each pair that a run stored."""
    lines = (made.artefacts / f"judgments/{run}.ndjson").read_text(encoding="utf-8").splitlines()
    found = [record["judgment"] for record in map(json.loads, lines) if "judgment" in record]
    return {(item["queryId"], item["productId"]): item.get("grade", 0) for item in found}
