"""Removes pods of stages that nobody needs any more."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import V1Pod

from sq_airflow.settings import PodSettings, Settings

_SELECTOR = "app.kubernetes.io/part-of=sq,kubernetes_pod_operator=True"
_UNREAD = timedelta(hours=1)
log = logging.getLogger(__name__)


def remove_old_pods(settings: Settings, hours: float | None = None) -> list[str]:
    """Removes what `expired` names in every cluster and namespace that stages run in. Returns their names.

    Args:
        hours: how long they are kept; as the settings say where None.
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
            log.info("removing pod %s (%s)", pod.metadata.name, pod.status.phase)
            client.delete_namespaced_pod(pod.metadata.name, pods.namespace)
            removed.append(pod.metadata.name)
    return removed


def expired(pods: Iterable[V1Pod], kept: timedelta, now: datetime) -> list[V1Pod]:
    """Pods whose stage ended longer ago than `kept`; a pod still at work is left alone however old it is.

    One that Airflow has not looked at since has an hour at least: a task may be about to read what it handed over.
    """
    return [
        pod
        for pod in pods
        if (ended := _ended(pod)) is not None and now - ended > (kept if _looked_at(pod) else max(kept, _UNREAD))
    ]


def _looked_at(pod: V1Pod) -> bool:
    return (pod.metadata.labels or {}).get(KubernetesPodOperator.POD_CHECKED_KEY) == "True"


def _ended(pod: V1Pod) -> datetime | None:
    """When the stage's container ended; when the pod was made, where it failed without one."""
    for status in pod.status.container_statuses or []:
        if status.name == "base" and status.state and status.state.terminated:
            return status.state.terminated.finished_at or pod.metadata.creation_timestamp
    return pod.metadata.creation_timestamp if pod.status.phase in ("Failed", "Succeeded") else None


def _clusters(settings: Settings) -> Sequence[PodSettings]:
    every = [settings.pods, *(settings.pods_of(stage) for stage in settings.stages)]
    return list({(p.kubernetes_conn_id, p.cluster_context, p.in_cluster, p.namespace): p for p in every}.values())
