"""Reads the pods of a cluster for the checks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from sq_cluster.site import NAMESPACE
from sq_cluster.world import World

_LOOK_SECONDS = 1


def pods(made: World, selector: str = "", cluster: int = 1) -> list[dict]:
    """Pods of stages, as the API server returns them."""
    # The raw answer, because the checks use the field names of manifests.
    answer = made.core(cluster).list_namespaced_pod(NAMESPACE, label_selector=selector, _preload_content=False)
    return json.loads(answer.data)["items"]


def await_no_pods(made: World, selector: str, cluster: int = 1) -> None:
    """Waits until no pod is listed. A deleted pod is listed until its containers have ended."""
    await_true(lambda: not pods(made, selector, cluster), f"no pod of {selector} is left", 120)


def pod_of(made: World, dag_id: str, task_id: str, cluster: int = 1) -> dict:
    """The newest pod of a task. Raises AssertionError if there is none."""
    found = pods(made, f"dag_id={dag_id},task_id={task_id}", cluster)
    assert found, f"{task_id} has no pod in cluster {cluster}"
    return max(found, key=lambda pod: pod["metadata"]["creationTimestamp"])


def facts(made: World, dag_id: str, task_id: str, cluster: int = 1) -> dict:
    """What probe.py printed in a task's pod."""
    name = pod_of(made, dag_id, task_id, cluster)["metadata"]["name"]
    for line in made.kubectl("logs", "-n", NAMESPACE, name, "-c", "base", cluster=cluster).splitlines():
        if line.startswith('{"probe"'):
            return json.loads(line)["probe"]
    raise AssertionError(f"the log of {name} has no facts of probe.py")


def await_word(made: World, dag_id: str, task_id: str, word: str) -> str:
    """Waits until a task's pod prints a word. Returns the pod's name."""

    def find() -> str:
        for pod in pods(made, f"dag_id={dag_id},task_id={task_id}"):
            name = pod["metadata"]["name"]
            started = any(status.get("started") for status in pod["status"].get("containerStatuses", ()))
            if started and word in made.kubectl("logs", "-n", NAMESPACE, name, "-c", "base"):
                return name
        return ""

    return await_true(find, f"the pod of {task_id} prints {word!r}", 420)


def await_true(true: Callable[[], Any], what: str, seconds: float = 180) -> Any:
    """Waits until a function returns something true, and returns that. Raises AssertionError after the time limit."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"still false after {seconds} s: {what}"
        time.sleep(_LOOK_SECONDS)
    return found
