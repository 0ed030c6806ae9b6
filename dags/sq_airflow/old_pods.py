"""Removes pods of stages that ended long ago."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import V1Pod

from sq_airflow.pod_settings import PodSettings
from sq_airflow.settings import Settings

_SELECTOR = "app.kubernetes.io/part-of=sq,kubernetes_pod_operator=True"
_UNCHECKED = timedelta(hours=1)
log = logging.getLogger(__name__)


def remove_old_pods(settings: Settings, hours: float | None = None) -> list[str]:
    """Removes expired pods in every cluster and namespace that stages use. Returns their names.

    Args:
        hours: how long pods are kept; None for the settings' failed_pod_hours.
    """
    removed = []
    for pods in _clusters(settings):
        hook = KubernetesHook(
            conn_id=pods.kubernetes_conn_id,
            cluster_context=pods.cluster_context or None,
            in_cluster=pods.in_cluster,
        )
        client = hook.core_v1_client
        found = client.list_namespaced_pod(pods.namespace, label_selector=_SELECTOR).items
        kept = timedelta(hours=pods.failed_pod_hours if hours is None else hours)
        for pod in expired(found, kept, datetime.now(UTC)):
            log.info("Removing pod %s (%s)", pod.metadata.name, pod.status.phase)
            client.delete_namespaced_pod(pod.metadata.name, pods.namespace)
            removed.append(pod.metadata.name)
    return removed


def expired(pods: Iterable[V1Pod], kept: timedelta, now: datetime) -> list[V1Pod]:
    """Pods whose stage ended longer ago than `kept`. A running pod never expires.

    A pod that Airflow has not checked since is kept for an hour at least: a task may be about to read its handoff.
    """
    return [
        pod
        for pod in pods
        if (ended := _ended(pod)) is not None and now - ended > (kept if _checked(pod) else max(kept, _UNCHECKED))
    ]


def _checked(pod: V1Pod) -> bool:
    return (pod.metadata.labels or {}).get(KubernetesPodOperator.POD_CHECKED_KEY) == "True"


def _ended(pod: V1Pod) -> datetime | None:
    """When the stage's container ended. A pod that failed without one counts from its creation."""
    for status in pod.status.container_statuses or []:
        if status.name == "base" and status.state and status.state.terminated:
            return status.state.terminated.finished_at or pod.metadata.creation_timestamp
    return pod.metadata.creation_timestamp if pod.status.phase in ("Failed", "Succeeded") else None


def _clusters(settings: Settings) -> Sequence[PodSettings]:
    every = [settings.pods, *(settings.pods_of(stage) for stage in settings.stages)]
    return list({(p.kubernetes_conn_id, p.cluster_context, p.in_cluster, p.namespace): p for p in every}.values())
