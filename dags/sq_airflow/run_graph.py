"""The tasks of a wiring whose nodes all are of the run: the DAGs of models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sq_airflow.stages import Stages


def run_graph(stages: Stages, first: Any, own: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The task of each node by its name, each after those it reads from or must follow.

    Args:
        first: the task before all others.
        own: node to further arguments of its task, where stages run as pods.
    """
    tasks: dict[str, Any] = {}
    for node in stages.wiring.run_nodes:
        more = own.get(node.name, {}) if stages.settings.runtime == "kubernetes" else {}
        tasks[node.name] = stages.task(node, pinned=True, **more)
        before = dict.fromkeys([*(edge.source for edge in node.inputs), *node.after])
        for name in before:
            tasks[name] >> tasks[node.name]
        if not before:
            first >> tasks[node.name]
    return tasks
