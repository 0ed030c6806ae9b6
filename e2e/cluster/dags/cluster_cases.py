"""Tasks for the DAGs that check single pods. Each runs generate over one query.

Each task has its own market, so its output has its own folder. In the pod, probe.py runs before the stage.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sq_airflow.places import Places
from sq_airflow.pod_settings import PodSettings
from sq_airflow.run_config import Market
from sq_airflow.stages import Stages
from sq_airflow.wiring import Contract, Stage

stages = Stages.read(Places.from_environment())
image = stages.images.get("sq-generate")
contract = stages.wiring.stage("generate").contract
_NODE = stages.wiring.node("generate")
_CONFIG = stages.run.markets[0].stage_config("generate")
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
        mode: of probe.py; empty for the stage alone.
        pods: settings of this task's pod.
        changed: the contract in place of the stage's own.
        more: further arguments of the operator.
    """
    wiring = stages.wiring.model_copy(update={"stages": (Stage(contract=changed),)})
    made = dataclasses.replace(stages, wiring=wiring)
    config = {field: value for field, value in _CONFIG.items() if field != "log"} | {"fixed": {"text": ["red dress"]}}
    market = Market(market=name.replace("_", "-"), generate=config)
    own = {"volumes": VOLUMES, **(pods or {})}
    own["resources"] = {**stages.settings.pods.resources, **own.get("resources", {})}
    settings = stages.settings.pods.with_changes(PodSettings.model_validate(own))
    command = {"cmds": ["python3.11", "/probe/probe.py", mode]} if mode else {}
    return made.task(_NODE, market, task_id=name, pods=settings, pool="default_pool", **command, **more)
