"""Each kind of pod failure gives one sentence in the log. Airflow retries what a retry can repair."""

from __future__ import annotations

import json
from collections.abc import Callable

from sq_cluster.pods import await_true, await_word, pods
from sq_cluster.runs import Outcome, Runs
from sq_cluster.site import NAMESPACE
from sq_cluster.world import World
from sq_e2e.checks import Checks

DAG = "cluster_failures"
RUN = "failures"

# Task: heading in the runbook, and a sentence of the log. These tasks fail without a retry.
FINAL = {
    "oomkilled": ("oomkilled", "The container exceeded its memory limit (OOMKilled, limit 24Mi)."),
    "unschedulable": ("unschedulable", "didn't match Pod's node affinity/selector"),
    "exhausted": ("unschedulable", "Insufficient cpu"),
    "image_pull": ("image-pull", "cannot be pulled"),
    "pull_unauthorized": ("image-pull", "no basic auth credentials|401 Unauthorized"),
    "quota": ("quota", "The namespace's resource quota is used up: "),
    "too_large": ("quota", "The pod requests more than the namespace allows one pod: "),
    "missing_volume": ("missing-volume", "A volume is missing: "),
    "volume_mount": ("missing-volume", "A volume cannot be mounted: "),
    "missing_configuration": ("missing-configuration", 'configmap "absent" not found'),
    "pod_security": ("pod-security", "The pod violates the namespace's Pod Security standard: "),
    "forbidden": ("forbidden", "Airflow's account lacks a permission in the cluster: "),
    "unreachable": ("cluster-unreachable", "The cluster's API server did not answer: "),
    "start_timeout": ("pod-start-up-timeout", "did not start in time"),
    "timeout": ("timeout", "The stage exceeded its time limit of 15 s"),
    "bad_input": ("bad-input", "Bad input or configuration (exit code 2): "),
    "bug": ("bug", "The stage crashed (exit code 1): RuntimeError: this should not happen"),
    "silent": ("no-handoff", "The stage did not hand over its artefact: the handoff is missing"),
    "absent": ("no-handoff", "has no manifest.json"),
    "wrong": ("no-handoff", "manifest.json: digest is "),
    "long": ("no-handoff", "the handoff has 5000 bytes, more than the limit of 4096"),
}
# The first try of these tasks fails, and the second succeeds.
TRIED_AGAIN = {
    "again": ("try-again", "The stage asks for a retry (exit code 75): the service is away"),
    "killed": ("killed|pod-gone", "A signal from outside ended the stage|The pod is gone"),
    "killed_deferred": ("killed|pod-gone", "A signal from outside ended the stage|The pod is gone"),
    "gone": ("pod-gone", "The pod is gone"),
    "evicted": ("evicted", "The pod was evicted: "),
    "evicted_by_api": (
        "evicted|killed|pod-gone",
        "The pod was evicted|A signal from outside ended the stage|The pod is gone",
    ),
}
# The pods of these tasks ran and are kept, so that people can examine them. The settings of `bug` delete its pods.
_KEPT = {"oomkilled", "bad_input", "timeout", "silent", "absent", "wrong", "long", "again", "evicted"}


def start_failures(runs: Runs) -> None:
    runs.await_dag(DAG)
    runs.start(DAG, RUN)


def interfere(checks: Checks, made: World) -> None:
    """Removes the pods of the tasks that wait for it."""
    for task_id, act in (
        ("killed", lambda name: made.kubectl("delete", "pod", "-n", NAMESPACE, name, "--wait=false")),
        (
            "killed_deferred",
            lambda name: made.kubectl("delete", "pod", "-n", NAMESPACE, name, "--wait=false"),
        ),
        (
            "gone",
            lambda name: made.kubectl("delete", "pod", "-n", NAMESPACE, name, "--force", "--grace-period=0"),
        ),
        ("evicted_by_api", lambda name: _evict(made, name)),
    ):
        _when_it_waits(checks, made, task_id, act)


def _when_it_waits(checks: Checks, made: World, task_id: str, act: Callable[[str], object]) -> None:
    with checks.check(f"the pod of {task_id} is taken away while it works"):
        act(await_word(made, DAG, task_id, "waiting"))


def _evict(made: World, name: str) -> None:
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": NAMESPACE},
    }
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{name}/eviction"
    made.kubectl("create", "--raw", path, "-f", "-", given=json.dumps(eviction))


def check_failures(checks: Checks, made: World, runs: Runs) -> None:
    outcome = runs.finish(DAG, RUN)
    for task_id, (heading, sentence) in FINAL.items():
        with checks.check(f"failure: {task_id}"):
            assert outcome.tasks[task_id, -1]["state"] == "failed", outcome.tasks[task_id, -1]["state"]
            assert outcome.tasks[task_id, -1]["try_number"] == 1
            _says(runs.log(DAG, RUN, task_id), heading, sentence)
    for task_id, (heading, sentence) in TRIED_AGAIN.items():
        with checks.check(f"tried again: {task_id}"):
            _says(runs.log(DAG, RUN, task_id), heading, sentence)
            assert outcome.tasks[task_id, -1]["try_number"] == 2, "a killed task must not be a success"
            assert outcome.tasks[task_id, -1]["state"] == "success", runs.log(DAG, RUN, task_id, 2)[-2000:]
    with checks.check("a failed pod's events are in the log"):
        assert "event FailedScheduling: " in runs.log(DAG, RUN, "unschedulable")
    check_around(checks, made, outcome)


def check_around(checks: Checks, made: World, outcome: Outcome) -> None:
    with checks.check("failures and further tries are written about"):
        letters = [letter for letter in made.mailbox.letters if DAG in letter]
        failed = sum(" failed " in letter or "_failed_" in letter for letter in letters)
        again = sum("will be retried" in letter or "will_be_retried" in letter for letter in letters)
        assert failed >= len(FINAL), (failed, len(letters))
        assert again >= len(TRIED_AGAIN), (again, len(letters))
    with checks.check("failed pods that ran are kept, those that never began are not"):
        kept = {pod["metadata"]["labels"]["task_id"] for pod in pods(made, f"dag_id={DAG}")}
        assert kept == _KEPT, kept ^ _KEPT


def check_dag_not_appearing(checks: Checks, made: World, runs: Runs) -> None:
    with checks.check("a DAG that does not appear: the import error says what is missing"):
        broken = made.folder / "dags/cluster_broken.py"
        settings = made.folder / "broken.json"
        settings.write_text('{"pods": {"namespaces": "sq"}}')
        broken.write_text(
            "from pathlib import Path  # for a DAG of airflow\n"
            "from sq_airflow.settings import read_settings\n"
            f"read_settings(Path({str(settings)!r}))\n"
        )
        try:
            errors = await_true(runs.import_errors, "there is an import error", 120)
            assert "pods.namespaces is not a known field; " in errors[0], errors
        finally:
            broken.unlink()


def _says(log: str, heading: str, sentence: str) -> None:
    """Checks that a log has one of the sentences and one of the headings, and no dump of the pod."""
    assert any(one in log for one in sentence.split("|")), log[-3000:]
    assert any(f"see docs/runbook.md#{one}" in log for one in heading.split("|")), log[-3000:]
    assert "'api_version': 'v1'" not in log, "the log contains a dump of the pod"
