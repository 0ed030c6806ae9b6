"""Pods that wait for a node of their own pool, as they do where a cluster scales up."""

from __future__ import annotations

import time
from collections.abc import Callable

from sq_cluster.pods import await_true, pods
from sq_cluster.runs import Runs
from sq_cluster.site import BUSY_POOL
from sq_cluster.whole_pod import DAG, RUN
from sq_cluster.world import World
from sq_e2e.checks import Checks

_LONGEST_GAP = 15  # seconds between two heartbeats; by default, Airflow takes a scheduler for dead after 30


def check_busy_node(checks: Checks, made: World, runs: Runs) -> None:
    """Scales up and down by hand: pods of a dedicated pool wait until a node of this pool joins the cluster."""
    busy = {f"busy_{number}" for number in (1, 2)}

    def phases() -> list[str]:
        return [pod["status"]["phase"] for task_id in busy for pod in pods(made, f"dag_id={DAG},task_id={task_id}")]

    with checks.check("pods of a dedicated pool wait for a node, a node comes, they run on it, it goes"):
        await_true(lambda: phases() == ["Pending", "Pending"], "two pods are pending")
        try:
            made.script("node.sh", "up", "2", SQ_NODE_POOL=BUSY_POOL, SQ_NODE_TAINTS=f"sq/pool={BUSY_POOL}:NoSchedule")
            with checks.check("busy pods in their own pool leave the scheduler's heartbeat steady"):
                await_true(lambda: "Running" in phases(), "a pod runs on the new node", 240)
                gap = _longest_gap(runs, lambda: "Running" in phases())
                print(f"     longest pause between two heartbeats: {gap:.0f} s")
                assert gap < _LONGEST_GAP
            nodes = {pod["spec"].get("nodeName") for pod in pods(made) if pod["spec"].get("tolerations")}
            assert "node2" in nodes or not phases()
            await_true(
                lambda: all(runs.state(DAG, RUN, task_id) == "success" for task_id in busy),
                "both succeed",
                240,
            )
            await_true(lambda: not phases(), "their pods are gone: nothing removes them after their node has left", 60)
        finally:
            made.script("node.sh", "down", "2")
        assert made.kubectl("get", "nodes", "-o", "name").split() == ["node/node1"]


def _longest_gap(runs: Runs, while_true: Callable[[], bool]) -> float:
    """The longest time between two heartbeats of the scheduler, in seconds."""
    beats = {runs.heartbeat()}
    while while_true():
        beats.add(runs.heartbeat())
        time.sleep(1)
    times = sorted(beats)
    return max((b - a for a, b in zip(times, times[1:], strict=False)), default=0.0)
