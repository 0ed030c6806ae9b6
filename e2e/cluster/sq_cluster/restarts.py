"""Kills worker, triggerer and scheduler during runs. Each task keeps its one pod and succeeds."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sq_cluster.pods import await_no_pods, await_true, pods
from sq_cluster.runs import Runs
from sq_cluster.site import NAMESPACE
from sq_cluster.world import World
from sq_e2e.checks import Checks

DAG = "cluster_restarts"
RUN = "restarts"
TASKS = ("worker_killed", "scheduler_killed", "triggerer_killed")
# File beside the sample for which the pods wait.
_GO_ON = "go-on"
_COLUMNS = ("uid", "labels.dag_id", "labels.run_id", "labels.task_id", "labels.map_index")


class SeenPods:
    """Watches the first cluster and counts every pod of a stage, however short its life."""

    def __init__(self, made: World) -> None:
        columns = ",".join(f"C{number}:.metadata.{name}" for number, name in enumerate(_COLUMNS))
        command = [made.home / "bin/kubectl", "get", "pods", "-n", NAMESPACE, "--watch", "--no-headers"]
        self._process = subprocess.Popen(
            [*command, "-o", f"custom-columns={columns}"],
            env={**os.environ, "KUBECONFIG": str(made.home / "run1/admin.kubeconfig")},
            stdout=subprocess.PIPE,
            text=True,
        )
        self._pods: dict[tuple[str, ...], set[str]] = defaultdict(set)
        threading.Thread(target=self._read, daemon=True).start()

    def of(self, dag_id: str, run_id: str) -> dict[tuple[str, str], int]:
        """The number of pods of each task of a run, by task and map index."""
        return {key[2:]: len(uids) for key, uids in list(self._pods.items()) if key[:2] == (dag_id, run_id)}

    def close(self) -> None:
        """Stops watching."""
        self._process.terminate()
        self._process.wait()

    def _read(self) -> None:
        for line in self._process.stdout:
            uid, *key = line.split()
            self._pods[tuple(key)].add(uid)


@contextmanager
def watched_pods(made: World) -> Iterator[SeenPods]:
    seen = SeenPods(made)
    try:
        yield seen
    finally:
        seen.close()


def start_restarts(runs: Runs) -> None:
    runs.await_dag(DAG)
    runs.start(DAG, RUN)


def interfere(checks: Checks, made: World, runs: Runs) -> None:
    """Kills the programs that wait for the pods, starts them again, and lets the pods continue."""
    try:
        _kill_all(checks, made, runs)
    finally:
        (made.config.parent / _GO_ON).touch()


def _kill_all(checks: Checks, made: World, runs: Runs) -> None:
    with checks.check("restarts: pods of three tasks are at work"):
        await_true(lambda: _running(made) == set(TASKS), "three pods run", 600)
    with checks.check("restarts: a worker is killed, with what watches over it"):
        task = runs.look(DAG, RUN).tasks["worker_killed", -1]
        assert task["state"] == "running", task
        _kill_worker(task["pid"])
    with checks.check("restarts: the triggerer is killed, and started again"):
        await_true(lambda: runs.state(DAG, RUN, "triggerer_killed") == "deferred", "it is deferred", 60)
        made.airflow.stop_component("triggerer", signal.SIGKILL)
        made.airflow.start_component("triggerer")
    with checks.check("restarts: the scheduler is killed with its workers, and started again"):
        assert runs.state(DAG, RUN, "scheduler_killed") == "running"
        made.airflow.stop_component("scheduler", signal.SIGKILL)
        made.airflow.start_component("scheduler")
        assert "scheduler_killed" in _running(made), "the pod ended with the scheduler"


def check_restarts(checks: Checks, made: World, runs: Runs, seen: SeenPods) -> None:
    """Checks the run after the kills."""
    with checks.check("restarts: every task succeeds in the end"):
        outcome = runs.finish(DAG, RUN, 600)
        assert outcome.state == "success", outcome.states()
    for task in TASKS:
        with checks.check(f"restarts: {task} had one pod"):
            assert seen.of(DAG, RUN) and seen.of(DAG, RUN)[task, "<none>"] == 1, seen.of(DAG, RUN)
    with checks.check("restarts: no pod is left"):
        await_no_pods(made, f"dag_id={DAG}")


def _running(made: World) -> set[str]:
    found = pods(made, f"dag_id={DAG}")
    return {pod["metadata"]["labels"]["task_id"] for pod in found if pod["status"]["phase"] == "Running"}


def _kill_worker(pid: int) -> None:
    """Kills a task's process and its parent, which would report the end to the scheduler."""
    parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    assert parent > 1, f"{pid} has no supervisor"
    for each in (parent, pid):
        os.kill(each, signal.SIGKILL)
