"""The operator inside a pod with the service account of Airflow's workers. It has no kubeconfig."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

from sq_cluster import places
from sq_cluster.pods import await_true
from sq_cluster.site import NAMESPACE
from sq_cluster.world import HOST, World
from sq_e2e.checks import Checks

_NAME = "worker"
_RUN = "in-cluster"
_SITE, _WORKER = "/airflow-site", "/worker"


def start_worker(made: World) -> None:
    """Starts a pod with Airflow's packages, the DAGs and their files, mounted from this machine."""
    folder = made.folder / _NAME
    shutil.copytree(made.folder / "dags", folder / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    for file in (made.folder / "images.lock.json", made.folder / "run.json", made.folder / "settings.json"):
        shutil.copy(file, folder)
    shutil.copy(places.PIPELINE, folder / "pipeline.json")
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    site = Path(find_spec("airflow").origin).resolve().parents[1]
    items = [part for name, place in (("site", site), (_NAME, folder)) for part in _claim(name, place)]
    items.append(_pod(made))
    made.kubectl("apply", "-f", "-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))


def check_worker(checks: Checks, made: World) -> None:
    with checks.check("pod: in_cluster, by a worker's own account"):

        def ended() -> dict:
            pod = json.loads(made.kubectl("get", "pod", "-n", NAMESPACE, _NAME, "-o", "json"))
            return pod if pod["status"]["phase"] in ("Succeeded", "Failed") else {}

        pod = await_true(ended, "the worker's pod ends", 300)
        log = made.kubectl("logs", "-n", NAMESPACE, _NAME)
        assert pod["status"]["phase"] == "Succeeded", log[-3000:]
        assert pod["spec"]["serviceAccountName"] == "sq-airflow"
        handoff = json.loads(next(line for line in log.splitlines() if line.startswith('{"handoff"')))["handoff"]
        manifest = made.artefacts / f"runs/{_RUN}/in-cluster/generate/manifest.json"
        assert json.loads(manifest.read_text())["digest"] == handoff["digest"]


def _claim(name: str, place: Path) -> list[dict]:
    claimed = {"accessModes": ["ReadOnlyMany"], "storageClassName": f"sq-{name}"}
    host = {"path": str(place), "type": "Directory"}
    volume = {"capacity": {"storage": "1Gi"}, "hostPath": host, **claimed}
    claim = {**claimed, "resources": {"requests": {"storage": "1Gi"}}}
    named = {"name": f"sq-{name}", "namespace": NAMESPACE}
    return [
        {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": f"sq-{name}"}, "spec": volume},
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": named, "spec": claim},
    ]


def _pod(made: World) -> dict:
    lock = json.loads((made.folder / "images.lock.json").read_text())
    image = lock["images"]["sq-generate"]
    files = {"SQ_PIPELINE": "pipeline", "SQ_IMAGES_LOCK": "images.lock", "SQ_RUN_CONFIG": "run"}
    environment = {
        # The test cluster has no service network, so this is the API server's own address.
        "KUBERNETES_SERVICE_HOST": HOST,
        "KUBERNETES_SERVICE_PORT": "6443",
        "PYTHONPATH": f"{_SITE}:{_WORKER}/dags",
        "PYTHONSAFEPATH": "1",
        "AIRFLOW_HOME": "/tmp/airflow",
        "AIRFLOW_CONN_SQ_KUBERNETES": json.dumps({"conn_type": "kubernetes"}),
        "SQ_AIRFLOW_SETTINGS": f"{_WORKER}/settings.json",
        **{variable: f"{_WORKER}/{name}.json" for variable, name in files.items()},
    }
    container = {
        "name": "base",
        "image": f"{lock['registry']}/{image['repository']}@{image['digest']}",
        "command": ["python3.11", f"{_WORKER}/dags/in_cluster.py", _RUN],
        "env": [{"name": name, "value": value} for name, value in environment.items()],
        "envFrom": [{"secretRef": {"name": "sq-airflow-connections"}}],
        "volumeMounts": [
            {"name": "site", "mountPath": _SITE, "readOnly": True},
            {"name": _NAME, "mountPath": _WORKER, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
        "resources": {"limits": {"memory": "2Gi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    }
    volumes = [{"name": name, "persistentVolumeClaim": {"claimName": f"sq-{name}"}} for name in ("site", _NAME)]
    spec = {
        "serviceAccountName": "sq-airflow",
        "restartPolicy": "Never",
        "imagePullSecrets": [{"name": "sq-registry"}],
        "nodeSelector": {"sq/pool": "stages"},
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "runAsGroup": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [*volumes, {"name": "tmp", "emptyDir": {}}],
    }
    labels = {"app.kubernetes.io/name": "worker"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": _NAME, "namespace": NAMESPACE, "labels": labels},
        "spec": spec,
    }
