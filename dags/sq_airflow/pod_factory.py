"""Makes a stage's pod from its contract, its image and the cluster's settings.

Every pod, its sidecar included, meets the restricted Pod Security standard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from airflow.providers.cncf.kubernetes.secret import Secret as PodSecret
from kubernetes.client import models as k8s

from sq_airflow.images import Image
from sq_airflow.pod_settings import PodSettings, Volume
from sq_airflow.wiring import Contract, Resources, Secret

HANDOFF_FILE = "/airflow/xcom/return.json"
SIDECAR_IMAGE = "sq-xcom-sidecar"
_TEMPORARY = Volume(name="tmp", mount_path="/tmp", read_only=False)


def operator_arguments(contract: Contract, image: Image, market: str, pods: PodSettings) -> dict[str, Any]:
    """Arguments of KubernetesPodOperator for one stage, without those that depend on the run."""
    volumes = (_TEMPORARY, *pods.volumes)
    placed = _placed(contract, pods.secrets)
    return {
        "name": "-".join(part for part in ("sq", market, contract.name) if part),
        "namespace": pods.namespace,
        "kubernetes_conn_id": pods.kubernetes_conn_id,
        "cluster_context": pods.cluster_context or None,
        "in_cluster": pods.in_cluster,
        "pod_template_file": pods.pod_template_file or None,
        "image": f"{image.repository}:{pods.moving_tag}" if pods.moving_tag else image.reference,
        "image_pull_policy": "Always" if pods.moving_tag else pods.image_pull_policy,
        "image_pull_secrets": [k8s.V1LocalObjectReference(name) for name in pods.image_pull_secrets],
        # By name: one image may have the programs of several stages.
        "cmds": [contract.program],
        "labels": labels(contract, market),
        "annotations": {"sq/version": pods.moving_tag or image.version} if pods.moving_tag or image.version else {},
        "env_vars": [k8s.V1EnvVar(name, value) for name, value in environment(image, pods).items()],
        "env_from": _environment_sources(pods),
        "secrets": [PodSecret("env", item.env, name, key) for item, name, key in placed if item.env],
        "container_resources": resources(contract.resources, pods),
        "volumes": [_volume(volume) for volume in volumes] + _secret_volumes(placed),
        "volume_mounts": [_mount(volume) for volume in volumes] + _secret_mounts(placed),
        "node_selector": dict(pods.node_selector),
        "affinity": dict(pods.affinity),
        "tolerations": [dict(toleration) for toleration in pods.tolerations],
        "host_aliases": [k8s.V1HostAlias(ip=ip, hostnames=list(names)) for ip, names in pods.host_aliases.items()],
        "priority_class_name": pods.priority_class or None,
        "service_account_name": pods.service_account,
        "automount_service_account_token": False,
        "security_context": k8s.V1PodSecurityContext(
            run_as_non_root=True,
            run_as_user=pods.run_as_user,
            run_as_group=pods.run_as_user,
            fs_group=pods.run_as_user,
            seccomp_profile=k8s.V1SeccompProfile(type="RuntimeDefault"),
        ),
        "container_security_context": container_security(),
        "termination_message_policy": "FallbackToLogsOnError",
        "active_deadline_seconds": contract.timeout_seconds,
        "termination_grace_period": pods.termination_grace_period,
        "startup_timeout_seconds": pods.startup_timeout_seconds,
        "schedule_timeout_seconds": pods.schedule_timeout_seconds,
        "startup_check_interval_seconds": 1,
        "on_finish_action": pods.on_finish_action,
        "deferrable": pods.deferrable,
        "poll_interval": pods.poll_interval,
        "durable": True,
        "do_xcom_push": True,
        "get_logs": pods.get_logs,
        "log_events_on_failure": pods.log_events_on_failure,
        "log_pod_spec_on_failure": False,
    }


def labels(contract: Contract, market: str) -> dict[str, str]:
    """Labels of a stage's pods that do not depend on the run."""
    return {
        "app.kubernetes.io/part-of": "sq",
        "app.kubernetes.io/component": contract.name,
        "sq/stage": contract.name,
    } | ({"sq/market": market} if market else {})


def environment(image: Image, pods: PodSettings) -> dict[str, str]:
    """Environment variables of a stage's container that do not depend on the run."""
    known = {
        "SQ_HANDOFF": HANDOFF_FILE,
        "SQ_IMAGE_DIGEST": image.digest,
        "SQ_GIT_REVISION": image.git_revision,
        "SQ_GRACE_SECONDS": str(pods.termination_grace_period),
    }
    if pods.moving_tag:
        # What the tag means is not known here. The program takes a digest of its own files in place of the image's.
        del known["SQ_IMAGE_DIGEST"], known["SQ_GIT_REVISION"]
    return known | dict(pods.environment)


def resources(contract: Resources, pods: PodSettings) -> k8s.V1ResourceRequirements:
    """Requests and limits: the contract's, or the settings' in place of them. For storage both are the same."""
    own = contract.model_dump(exclude_defaults=True) | dict(pods.resources)
    requests = {"cpu": own.get("cpu_request"), "memory": own.get("memory_request")}
    limits = {"cpu": own.get("cpu_limit"), "memory": own.get("memory_limit")}
    for bounds in (requests, limits):
        bounds["ephemeral-storage"] = own.get("ephemeral_storage")
        bounds.update(pods.extended_resources)
    return k8s.V1ResourceRequirements(requests=_given(requests), limits=_given(limits))


def sidecar(container: k8s.V1Container, image: Image, pods: PodSettings) -> k8s.V1Container:
    """Changes the provider's sidecar, which keeps the handoff: small, pinned, and as restricted as the stage."""
    container.image = image.reference
    container.image_pull_policy = pods.image_pull_policy
    container.security_context = container_security()
    container.resources = k8s.V1ResourceRequirements(
        requests={"cpu": "1m", "memory": "8Mi", "ephemeral-storage": "1Mi"},
        limits={"cpu": "100m", "memory": "32Mi", "ephemeral-storage": "8Mi"},
    )
    return container


def container_security() -> k8s.V1SecurityContext:
    return k8s.V1SecurityContext(
        allow_privilege_escalation=False,
        capabilities=k8s.V1Capabilities(drop=["ALL"]),
        read_only_root_filesystem=True,
        run_as_non_root=True,
        seccomp_profile=k8s.V1SeccompProfile(type="RuntimeDefault"),
    )


def _given(bounds: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in bounds.items() if value}


def _environment_sources(pods: PodSettings) -> list[k8s.V1EnvFromSource]:
    maps = [k8s.V1EnvFromSource(config_map_ref=k8s.V1ConfigMapEnvSource(name=name)) for name in pods.config_maps]
    secrets = [k8s.V1EnvFromSource(secret_ref=k8s.V1SecretEnvSource(name=name)) for name in pods.config_secrets]
    return maps + secrets


def _placed(contract: Contract, known: Mapping[str, str]) -> list[tuple[Secret, str, str]]:
    """The contract's secrets, each with name and key of the secret in the cluster.

    Raises:
        ValueError: the settings lack a secret that the contract requires.
    """
    found = []
    for secret in contract.secrets:
        where = known.get(secret.name)
        if where is None and secret.optional:
            continue
        if where is None or "/" not in where:
            raise ValueError(f"settings: pods.secrets: {contract.name} requires {secret.name}; give it as name/key")
        name, key = where.split("/", 1)
        found.append((secret, name, key))
    return found


def _secret_volumes(placed: Sequence[tuple[Secret, str, str]]) -> list[k8s.V1Volume]:
    """A volume for each secret that is read as a file. It has that key only, not the whole secret."""
    return [
        k8s.V1Volume(
            name=_volume_name(item),
            secret=k8s.V1SecretVolumeSource(secret_name=name, items=[k8s.V1KeyToPath(key=key, path="value")]),
        )
        for item, name, key in placed
        if item.mount_path
    ]


def _secret_mounts(placed: Sequence[tuple[Secret, str, str]]) -> list[k8s.V1VolumeMount]:
    return [
        k8s.V1VolumeMount(name=_volume_name(item), mount_path=item.mount_path, sub_path="value", read_only=True)
        for item, _, _ in placed
        if item.mount_path
    ]


def _volume_name(secret: Secret) -> str:
    return "secret-" + re.sub("[^a-z0-9]+", "-", secret.name.lower()).strip("-")


def _volume(volume: Volume) -> k8s.V1Volume:
    made = k8s.V1Volume(name=volume.name)
    if volume.claim:
        made.persistent_volume_claim = k8s.V1PersistentVolumeClaimVolumeSource(
            claim_name=volume.claim, read_only=volume.read_only
        )
    elif volume.config_map:
        made.config_map = k8s.V1ConfigMapVolumeSource(name=volume.config_map)
    elif volume.secret:
        made.secret = k8s.V1SecretVolumeSource(secret_name=volume.secret)
    else:
        made.empty_dir = k8s.V1EmptyDirVolumeSource()
    return made


def _mount(volume: Volume) -> k8s.V1VolumeMount:
    return k8s.V1VolumeMount(name=volume.name, mount_path=volume.mount_path, read_only=volume.read_only)
