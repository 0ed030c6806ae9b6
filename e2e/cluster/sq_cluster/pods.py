"""Pods of a cluster as the checks look at them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from sq_cluster.site import NAMESPACE
from sq_cluster.world import World

_LOOK_SECONDS = 1


def pods(made: World, selector: str = "", cluster: int = 1) -> list[dict]:
    """Pods of stages, as the API server has them."""
    # As it was sent: the checks name fields as manifests do.
    answer = made.core(cluster).list_namespaced_pod(NAMESPACE, label_selector=selector, _preload_content=False)
    return json.loads(answer.data)["items"]


def pod_of(made: World, dag_id: str, task_id: str, cluster: int = 1) -> dict:
    """The newest pod of a task. Raises AssertionError where there is none."""
    found = pods(made, f"dag_id={dag_id},task_id={task_id}", cluster)
    assert found, f"{task_id} has no pod in cluster {cluster}"
    return max(found, key=lambda pod: pod["metadata"]["creationTimestamp"])


def facts(made: World, dag_id: str, task_id: str, cluster: int = 1) -> dict:
    """What probe.py said in a task's pod."""
    name = pod_of(made, dag_id, task_id, cluster)["metadata"]["name"]
    for line in made.kubectl("logs", "-n", NAMESPACE, name, "-c", "base", cluster=cluster).splitlines():
        if line.startswith('{"probe"'):
            return json.loads(line)["probe"]
    raise AssertionError(f"{name} does not say what it is like")


def await_word(made: World, dag_id: str, task_id: str, word: str) -> str:
    """Waits until a task's pod has said a word; gives the pod's name."""

    def said() -> str:
        for pod in pods(made, f"dag_id={dag_id},task_id={task_id}"):
            name = pod["metadata"]["name"]
            started = any(status.get("started") for status in pod["status"].get("containerStatuses", ()))
            if started and word in made.kubectl("logs", "-n", NAMESPACE, name, "-c", "base"):
                return name
        return ""

    return await_true(said, f"{task_id} says {word!r}", 420)


def await_true(true: Callable[[], Any], what: str, seconds: float = 180) -> Any:
    """Waits until something holds; gives what it is. Raises AssertionError."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"not so after {seconds} s: {what}"
        time.sleep(_LOOK_SECONDS)
    return found
