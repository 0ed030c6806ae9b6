"""Whole pods: compared with the expected ones, and checked against the restricted Pod Security standard."""

import json
import os

import pytest
from kubernetes.client import ApiClient

from sq_airflow.pod_factory import operator_arguments
from sq_airflow.pod_settings import PodSettings
from sq_airflow.wiring import Secret

_PODS = {
    # task, shard: file
    ("uk.retrieve", "0/2"): "pod_retrieve.json",
    ("uk.evaluate", "1/2"): "pod_evaluate.json",
}


class _TaskInstance:
    def __init__(self, task_id, map_index):
        self.dag_id, self.task_id, self.map_index, self.try_number = "search_quality", task_id, map_index, 2


def _pod(dag, task_id, shard=""):
    """The pod of a try, made as the operator makes it, without a cluster."""
    task = dag.get_task(task_id)
    operator = task.unmap({"shard": shard}) if shard else task
    index = int(shard.partition("/")[0]) if shard else -1
    operator.arguments = ["--run-id", "r-1"]
    context = {"ti": _TaskInstance(task_id, index), "run_id": "manual__2026-11-21T12:00:00+00:00", "dag": dag}
    pod = ApiClient().sanitize_for_serialization(operator.build_pod_request_obj(context, dry_run=True))
    pod["metadata"]["name"] = pod["metadata"]["name"].rpartition("-")[0] + "-<random>"
    return pod


@pytest.mark.parametrize(
    ("task", "file"), _PODS.items(), ids=lambda value: value if isinstance(value, str) else value[0]
)
def test_whole_pod(search_quality, data, task, file):
    """Renewed with SQ_UPDATE_GOLDEN=<folder of testdata in the source tree>; read the difference."""
    pod = _pod(search_quality, *task)
    if folder := os.environ.get("SQ_UPDATE_GOLDEN"):
        with open(f"{folder}/{file}", "w", encoding="utf-8") as golden:
            golden.write(json.dumps(pod, indent=2, sort_keys=True) + "\n")
    assert pod == json.loads((data / file).read_text(encoding="utf-8"))


def test_every_stage_is_restricted(search_quality, nodes):
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, of every container."""
    for node in nodes:
        task = node["task"].format(market="uk")
        assert_restricted(_pod(search_quality, task, "0/2" if node.get("sharded") else "")["spec"], task)


def assert_restricted(spec, task):
    assert spec["securityContext"]["runAsNonRoot"] is True, task
    assert spec["securityContext"]["runAsUser"] > 0, task
    assert spec["automountServiceAccountToken"] is False, task
    assert not any(spec.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")), task
    allowed = {"emptyDir", "configMap", "secret", "persistentVolumeClaim"}
    assert {kind for volume in spec["volumes"] for kind in volume if kind != "name"} <= allowed, task
    assert [container["name"] for container in spec["containers"]] == ["base", "airflow-xcom-sidecar"], task
    for container in spec["containers"]:
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False, task
        assert security["capabilities"] == {"drop": ["ALL"]}, task
        assert security["readOnlyRootFilesystem"] is True, task
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, task
        assert "@sha256:" in container["image"], task
        assert container["resources"]["limits"]["memory"], task


def test_a_secret_the_contract_needs_must_be_placed(search_quality):
    operator = search_quality.get_task("consolidate")
    contract = operator.stage.contract.model_copy(update={"secrets": (Secret(name="TOKEN", env="TOKEN"),)})
    with pytest.raises(ValueError, match="consolidate requires TOKEN; give it as name/key"):
        operator_arguments(contract, operator.sidecar_image, "", PodSettings())


def test_a_secret_as_a_file_is_that_key_alone(search_quality):
    operator = search_quality.get_task("consolidate")
    secret = Secret(name="ca bundle", mount_path="/etc/ca.pem")
    contract = operator.stage.contract.model_copy(update={"secrets": (secret,)})
    made = operator_arguments(contract, operator.sidecar_image, "", PodSettings(secrets={"ca bundle": "site/ca.crt"}))
    volume, mount = ApiClient().sanitize_for_serialization([made["volumes"][-1], made["volume_mounts"][-1]])
    items = [{"key": "ca.crt", "path": "value"}]
    assert volume == {"name": "secret-ca-bundle", "secret": {"secretName": "site", "items": items}}
    assert mount == {"name": "secret-ca-bundle", "mountPath": "/etc/ca.pem", "subPath": "value", "readOnly": True}
