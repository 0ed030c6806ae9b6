"""Pods that use every parameter."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from airflow.sdk import DAG
from cluster_cases import contract, task

from sq_airflow.wiring import Secret

_ON_NODE_1 = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [
                {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["node1"]}]}
            ]
        }
    }
}
_BUSY = {
    "node_selector": {"sq/pool": "busy"},
    "tolerations": [{"key": "sq/pool", "operator": "Equal", "value": "busy", "effect": "NoSchedule"}],
    "environment": {"BURN_SECONDS": "25"},
}

with DAG(
    dag_id="cluster_pods",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args={"owner": "search"},
):
    task(
        "whole",
        "facts",
        {
            "image_pull_policy": "Always",
            "secrets": {"PROBE": "sq-openai/api-key"},
            "environment": {"FROM_SETTINGS": "a value"},
            "affinity": _ON_NODE_1,
            "extended_resources": {"nvidia.com/gpu": "1"},
            "resources": {
                "cpu_request": "20m",
                "cpu_limit": "1500m",
                "memory_request": "64Mi",
                "memory_limit": "768Mi",
                "ephemeral_storage": "200Mi",
            },
            "on_finish_action": "keep_pod",
        },
        contract.model_copy(update={"secrets": (Secret(name="PROBE", mount_path="/secrets/probe"),)}),
    )
    # Not deferred, and with a template file.
    task(
        "template",
        "facts",
        {
            "pod_template_file": str(Path(__file__).with_name("cluster_template.yaml")),
            "deferrable": False,
            "on_finish_action": "keep_pod",
        },
    )
    task("context", "facts", {"cluster_context": "sq2", "on_finish_action": "keep_pod"})
    task(
        "connection",
        "facts",
        {"kubernetes_conn_id": "sq_second", "on_finish_action": "keep_pod", "get_logs": False},
    )
    # These wait for a node that joins the cluster later.
    for number in (1, 2):
        task(f"busy_{number}", "burn", _BUSY)
