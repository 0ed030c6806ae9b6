"""Tasks of the DAGs that check pods one by one: the generate stage over one query, each in a market of its own.

Own markets give own places to write to. What stands before the stage in the pod is probe.py.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sq_airflow.run_config import Market
from sq_airflow.settings import Places
from sq_airflow.stages import Stages
from sq_airflow.wiring import Contract

stages = Stages.read(Places.from_environment())
image = stages.images.get("sq-generate")
contract = stages.wiring.contracts["generate"]
_NODE = stages.wiring.node("generate")
_CONFIG = stages.run.markets[0].config["generate"]
VOLUMES = [
    {"name": "data", "mount_path": "/data", "claim": "sq-sample"},
    {"name": "probe", "mount_path": "/probe", "config_map": "sq-probe"},
    {"name": "scratch", "mount_path": "/scratch", "read_only": False},
]


def task(
    name: str,
    mode: str = "",
    pods: Mapping[str, Any] | None = None,
    changed: Contract = contract,
    **more: Any,
) -> Any:
    """One task.

    Args:
        mode: of probe.py; the stage alone where empty.
        pods: settings of its own.
        changed: the stage's contract, changed.
        more: arguments of the operator.
    """
    made = dataclasses.replace(
        stages,
        wiring=dataclasses.replace(stages.wiring, contracts={**stages.wiring.contracts, "generate": changed}),
    )
    config = {field: value for field, value in _CONFIG.items() if field != "log"} | {"fixed": {"text": ["red dress"]}}
    market = Market(name.replace("_", "-"), 1, {"generate": config})
    own = {"volumes": VOLUMES, **(pods or {})}
    own["resources"] = {**stages.settings.pods.resources, **own.get("resources", {})}
    settings = stages.settings.pods.with_changes(own, name)
    command = {"cmds": ["python3.11", "/probe/probe.py", mode]} if mode else {}
    return made.task(_NODE, market, task_id=name, pods=settings, pool="default_pool", **command, **more)
