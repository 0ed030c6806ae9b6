"""Pods that fail, one for each kind of failure. The checks read the logs of their tasks.

Tasks with a second try succeed in it. Most tasks are not deferred, so that they see the end of the pod at once.
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import DAG
from cluster_cases import contract, image, task
from kubernetes.client import models as k8s

from sq_airflow.pod_factory import container_security

_ABSENT = image.model_copy(update={"digest": "sha256:" + "0" * 64})
_SLEEPER = k8s.V1Container(
    name="sleeper",
    image=image.reference,
    command=["python3.11", "-c", "import time; time.sleep(600)"],
    security_context=container_security(),
)
_DEFERRED = {"deferrable": True}
_DATA = {"name": "data", "mount_path": "/data"}

# name: (mode of probe.py, settings, arguments of the operator)
CASES = {
    "oomkilled": ("", {"resources": {"memory_request": "8Mi", "memory_limit": "24Mi"}, **_DEFERRED}, {}),
    "unschedulable": ("", {"node_selector": {"sq/pool": "nowhere"}}, {}),
    "exhausted": ("", {"resources": {"cpu_request": "20"}}, {}),
    "image_pull": ("", {}, {"image": _ABSENT}),
    "pull_unauthorized": ("", {"image_pull_secrets": [], "image_pull_policy": "Always"}, {}),
    "quota": ("", {"resources": {"cpu_request": "100"}}, {}),
    "too_large": ("", {"resources": {"memory_limit": "40Gi"}}, {}),
    "missing_volume": ("", {"volumes": [_DATA | {"claim": "absent"}]}, {}),
    "volume_mount": ("", {"volumes": [_DATA | {"config_map": "absent"}]}, {}),
    "missing_configuration": ("", {"config_maps": ["absent"]}, {}),
    "pod_security": ("", {"run_as_user": 0}, {}),
    "forbidden": ("", {"namespace": "default"}, {}),
    "unreachable": ("", {"kubernetes_conn_id": "sq_nowhere"}, {}),
    "start_timeout": ("", {}, {"init_containers": [_SLEEPER]}),
    "timeout": ("wait", {}, {"changed": contract.model_copy(update={"timeout_seconds": 15})}),
    "bad_input": ("", {"volumes": []}, {}),
    "bug": ("bug", {"on_finish_action": "delete_pod"}, {}),
    "silent": ("silent", _DEFERRED, {}),
    "absent": ("absent", _DEFERRED, {}),
    "wrong": ("wrong", {}, {}),
    "long": ("long", {}, {}),
    "again": ("again", {}, {"retries": 1}),
    "killed": ("wait", {}, {"retries": 1}),
    "killed_deferred": ("wait", _DEFERRED, {"retries": 1}),
    "gone": ("wait", _DEFERRED, {"retries": 1}),
    "evicted": ("fill", {"resources": {"ephemeral_storage": "30Mi"}}, {"retries": 1}),
    "evicted_by_api": ("wait", {}, {"retries": 1}),
}

# The other tasks may have to wait for their image first.
_NEVER_START = {"image_pull", "pull_unauthorized", "volume_mount", "missing_configuration", "start_timeout"}

with DAG(
    dag_id="cluster_failures",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args={"owner": "search"},
):
    for name, (mode, settings, more) in CASES.items():
        bounds = {"deferrable": False, "schedule_timeout_seconds": 10, "termination_grace_period": 5}
        if name in _NEVER_START:
            bounds["startup_timeout_seconds"] = 60
        task(name, mode, bounds | settings, **{"retries": 0} | more)
