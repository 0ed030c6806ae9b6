"""What each site configures itself: objects in its cluster, and Airflow's connections and settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from sq_cluster.mailbox import Mailbox
from sq_cluster.registry import Registry
from sq_cluster.storage import Storage

NAMESPACE = "sq"
# The pool of the second node, which exists only during some of the checks.
BUSY_POOL = "busy"
# Label of the nodes on which promotions run. Some of the checks take it away for a while.
GATE = "sq/gate"


def objects(storage: Storage, registry: Registry, model_key: str, data: Path, probe: Path) -> dict:
    """Secrets, config maps and the volume that the settings name.

    Args:
        data: folder of this machine with the sample.
        probe: program that some of the checks run before a stage.
    """
    keys = {k: v for k, v in storage.environment.items() if "KEY" in k}
    plain = {k: v for k, v in storage.environment.items() if "KEY" not in k}
    claimed = {"accessModes": ["ReadOnlyMany"], "storageClassName": "sq-sample"}
    items = [
        _object("Secret", "sq-storage-keys", stringData=keys),
        _object("ConfigMap", "sq-storage", data=plain),
        _object("Secret", "sq-openai", stringData={"api-key": model_key}),
        _object(
            "Secret", "sq-airflow-connections", stringData={"AIRFLOW_CONN_SQ_STORAGE": json.dumps(_storage(storage))}
        ),
        _object("ConfigMap", "sq-probe", data={"probe.py": probe.read_text(encoding="utf-8")}),
        _object(
            "Secret",
            "sq-registry",
            type="kubernetes.io/dockerconfigjson",
            stringData={".dockerconfigjson": registry.config},
        ),
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": "sq-sample"},
            "spec": {
                "capacity": {"storage": "1Gi"},
                "hostPath": {"path": str(data), "type": "Directory"},
                **claimed,
            },
        },
        _object(
            "PersistentVolumeClaim",
            "sq-sample",
            spec={**claimed, "resources": {"requests": {"storage": "1Gi"}}},
        ),
    ]
    return {"apiVersion": "v1", "kind": "List", "items": items}


def _object(kind: str, name: str, **more: object) -> dict:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, **more}


def connections(storage: Storage, mailbox: Mailbox, kubeconfig: Path, clusters: Sequence[int]) -> dict[str, str]:
    """Airflow's connections, as environment variables. The default context of sq_kubernetes is the first cluster."""
    found = {
        "sq_kubernetes": _cluster(kubeconfig, "sq1"),
        "sq_storage": _storage(storage),
        "sq_smtp": {
            "conn_type": "smtp",
            "host": "127.0.0.1",
            "port": mailbox.smtp_port,
            "extra": {"disable_ssl": True, "disable_tls": True, "from_email": "search-quality@localhost"},
        },
        "sq_webhook": {"conn_type": "http", "host": "127.0.0.1", "port": mailbox.http_port},
        "sq_files": {"conn_type": "fs"},
    }
    if 2 in clusters:
        found["sq_second"] = _cluster(kubeconfig, "sq2")
    nowhere = {"kube_config": json.dumps(_NOWHERE), "namespace": NAMESPACE}
    found["sq_nowhere"] = {"conn_type": "kubernetes", "extra": nowhere}
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(fields) for name, fields in found.items()}


def _storage(storage: Storage) -> dict:
    extra = {"endpoint_url": storage.url, "region_name": "us-east-1"}
    return {"conn_type": "aws", "login": storage.access_key, "password": storage.secret_key, "extra": extra}


# A cluster whose API server does not answer: a closed port.
_NOWHERE = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "nowhere", "cluster": {"server": "https://127.0.0.1:9"}}],
    "users": [{"name": "nobody", "user": {"token": "none"}}],
    "contexts": [{"name": "nowhere", "context": {"cluster": "nowhere", "user": "nobody"}}],
    "current-context": "nowhere",
}


def _cluster(kubeconfig: Path, context: str) -> dict:
    extra = {"kube_config_path": str(kubeconfig), "cluster_context": context, "namespace": NAMESPACE}
    return {"conn_type": "kubernetes", "extra": extra}


def settings(clusters: Sequence[int], receiver_url: str) -> dict:
    """The content of settings.json. ner-diff runs in the second cluster, if there is one.

    Args:
        receiver_url: where stages send traces and metrics.
    """
    pods = {
        "image_pull_secrets": ["sq-registry"],
        "config_maps": ["sq-storage"],
        "config_secrets": ["sq-storage-keys"],
        "secrets": {"OPENAI_API_KEY": "sq-openai/api-key", "SQ_MODEL_KEY": "sq-model-key/model.key"},
        "environment": {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver_url},
        "node_selector": {"sq/pool": "stages"},
        "priority_class": "sq-stage",
        "resources": {"cpu_request": "20m", "memory_request": "64Mi", "ephemeral_storage": "200Mi"},
        "volumes": [{"name": "data", "mount_path": "/data", "claim": "sq-sample"}],
        "startup_timeout_seconds": 240,
        "schedule_timeout_seconds": 240,
        "poll_interval": 1.0,
    }
    return {
        "owner": "search",
        "mail_to": ["search-team@example.com"],
        "webhook_conn_id": "sq_webhook",
        "retry_seconds": 2,
        "wait_for_log": {"poke_seconds": 2, "timeout_seconds": 600},
        "pods": pods,
        "stages": _stages(clusters),
    }


def _stages(clusters: Sequence[int]) -> dict:
    keys = {"name": "keys", "mount_path": "/keys/trusted", "config_map": "sq-model-keys"}
    trusting = ("fit", "compare", "register", "promote", "load-model", "predict")
    found: dict[str, dict] = {stage: {"volumes": [keys]} for stage in trusting}
    found["promote"] |= {
        "node_selector": {"sq/pool": "stages", GATE: "open"},
        "startup_timeout_seconds": 1800,
        "schedule_timeout_seconds": 1800,
    }
    if 2 in clusters:
        found["ner-diff"] = {"cluster_context": "sq2", "volumes": []}
    return found
