"""The forecast model on the cluster, in an image of its own: sq-predict in a pod, without a DAG."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from sq_cluster import places
from sq_cluster.model_bucket import KEYS, MODELS, sq
from sq_cluster.pods import await_true
from sq_cluster.site import NAMESPACE
from sq_cluster.world import BUCKET, REGISTRY, World
from sq_e2e.checks import Checks

_FOLDER = "forecast"
_HISTORY = 26
# Weeks that each version forecasts.
_VERSIONS = {"v1": 4, "v2": 2}
_SECONDS = 300


def check_forecast(checks: Checks, made: World) -> None:
    with checks.check("models: the forecast runs in the image that has its libraries"):
        _register(made)
        phase, log = _run(made, "v1", places.FORECAST_IMAGE)
        assert phase == "Succeeded", log
        summary, *segments = _records(made, "v1")
        assert summary["summary"]["historyWeeks"] == _HISTORY
        assert segments[-1]["segment"]["others"]
        assert {len(item["segment"]["weeks"]) for item in segments} == {_VERSIONS["v1"]}
    with checks.check("models: a new version of the forecast changes it, and the image is the same"):
        phase, log = _run(made, "v2", places.FORECAST_IMAGE)
        assert phase == "Succeeded", log
        assert {len(item["segment"]["weeks"]) for item in _records(made, "v2")[1:]} == {_VERSIONS["v2"]}
        assert _digest(made, "v1") == _digest(made, "v2") == _image(made, places.FORECAST_IMAGE)["digest"]
    with checks.check("models: the image of judges does not run the forecast, and names the library"):
        phase, log = _run(made, "v1", "sq-predict", "plain")
        assert phase == "Failed", log
        assert "run it in an image that has this library" in log, log
        assert not (made.artefacts / _FOLDER / "plain/manifest.json").exists()


def _register(made: World) -> None:
    """Writes the query sets of the weeks to the bucket, and registers each version of the model."""
    made.program(places.WEEKS, made.artefacts / _FOLDER / "weeks", str(_HISTORY))
    for version, weeks in _VERSIONS.items():
        folder = made.folder / f"forecast-{version}"
        shutil.copytree(places.FORECAST, folder)
        settings = folder / "settings.json"
        fields = json.loads(settings.read_text(encoding="utf-8")) | {"weeks": weeks}
        settings.write_text(json.dumps(fields), encoding="utf-8")
        sq(made, "model", "sign", folder)
        sq(made, "model", "register", folder, made.artefacts / f"models/forecast@{version}")


def _run(made: World, version: str, image: str, output: str = "") -> tuple[str, str]:
    """Runs a version in a pod. Returns the pod's phase at its end, and its log."""
    name = f"forecast-{output or version}"
    arguments = ["--run-id", name, "--market", "uk", "--output", f"s3://{BUCKET}/{_FOLDER}/{output or version}"]
    arguments += ["--config", json.dumps({"model": f"{MODELS}/forecast@{version}"})]
    for week in range(_HISTORY):
        arguments += ["--input", f"queries=s3://{BUCKET}/{_FOLDER}/weeks/week-{week}"]
    made.kubectl("apply", "-f", "-", given=json.dumps(_pod(name, _image(made, image), arguments)))

    def ended() -> str:
        phase = made.kubectl("get", "pod", "-n", NAMESPACE, name, "-o", "jsonpath={.status.phase}")
        return phase if phase in ("Succeeded", "Failed") else ""

    return await_true(ended, f"{name} ends", _SECONDS), made.kubectl("logs", "-n", NAMESPACE, name)


def _pod(name: str, image: dict, arguments: list[str]) -> dict:
    secure = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True}
    container = {
        "name": "base",
        "image": f"{REGISTRY}/{image['repository']}@{image['digest']}",
        "args": arguments,
        "env": [{"name": "SQ_IMAGE_DIGEST", "value": image["digest"]}],
        "envFrom": [{"configMapRef": {"name": "sq-storage"}}, {"secretRef": {"name": "sq-storage-keys"}}],
        "resources": {"requests": {"cpu": "20m", "memory": "64Mi"}, "limits": {"memory": "1Gi"}},
        "securityContext": secure,
        "volumeMounts": [
            {"name": "keys", "mountPath": "/keys/trusted", "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    }
    spec = {
        "automountServiceAccountToken": False,
        "containers": [container],
        "imagePullSecrets": [{"name": "sq-registry"}],
        "restartPolicy": "Never",
        "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
        "volumes": [{"name": "keys", "configMap": {"name": KEYS}}, {"name": "tmp", "emptyDir": {}}],
    }
    labels = {"app.kubernetes.io/part-of": "sq"}
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _image(made: World, name: str) -> dict:
    return json.loads((made.folder / "images.lock.json").read_text(encoding="utf-8"))["images"][name]


def _records(made: World, output: str) -> list[dict]:
    return [json.loads(line) for line in sq(made, "cat", made.artefacts / _FOLDER / output).splitlines()]


def _digest(made: World, output: str) -> str:
    """The image that made an artefact."""
    manifest = Path(made.artefacts / _FOLDER / output / "manifest.json")
    return json.loads(manifest.read_text(encoding="utf-8"))["provenance"]["imageDigest"]
