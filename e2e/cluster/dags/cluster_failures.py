"""Stages that fail, one for each way a pod can: what the task's log then says is checked."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

from airflow.sdk import DAG

from sq_airflow.settings import Places
from sq_airflow.stages import Stages

stages = Stages.read(Places.from_environment())
market = stages.run.markets[0]
generate = stages.wiring.node("generate")
image = stages.images.get("sq-generate")

# Not deferred: each sees its pod's end at once. No second try: the sentence is what is looked at.
_PODS = {"deferrable": False, "startup_timeout_seconds": 25, "schedule_timeout_seconds": 10}
_ABSENT = dataclasses.replace(image, digest="sha256:" + "0" * 64)
CASES = {
    "oomkilled": {"pods": {"resources": {"memory_request": "8Mi", "memory_limit": "24Mi"}}},
    "unschedulable": {"pods": {"node_selector": {"sq/pool": "nowhere"}}},
    "image_pull": {"image": _ABSENT},
    "quota": {"pods": {"resources": {"cpu_request": "100"}}},
    "missing_volume": {"pods": {"volumes": [{"name": "data", "mount_path": "/data", "claim": "absent"}]}},
    "volume_mount": {"pods": {"volumes": [{"name": "data", "mount_path": "/data", "config_map": "absent"}]}},
    "missing_configuration": {"pods": {"config_maps": ["absent"]}},
    "pod_security": {"pods": {"run_as_user": 0}},
    "bad_input": {"pods": {"volumes": []}},
}

with DAG(
    dag_id="cluster_failures",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    params={"markets": [market.name]},
    default_args={"owner": "search"},
):
    for name, case in CASES.items():
        pods = stages.settings.pods.with_changes(_PODS | case.get("pods", {}), name)
        more = {"image": case["image"]} if "image" in case else {}
        stages.task(generate, market, task_id=name, pods=pods, retries=0, pool="default_pool", **more)
