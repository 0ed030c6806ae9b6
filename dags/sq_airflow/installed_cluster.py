"""Whether Airflow may do in its clusters what the DAGs need."""

from __future__ import annotations

from airflow.exceptions import AirflowException
from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook
from kubernetes import client
from kubernetes.config import ConfigException
from urllib3.exceptions import HTTPError

from sq_airflow.pod_settings import PodSettings
from sq_airflow.run_files import RunFiles

# Resource, subresource and verbs, as the role sq-airflow of deploy/manifests/accounts.yaml grants them.
RIGHTS = (
    ("pods", "", ("create", "get", "list", "watch", "patch", "delete")),
    ("pods", "log", ("get",)),
    ("pods", "exec", ("create", "get")),
    ("events", "", ("get", "list", "watch")),
)
_SECONDS = 10


def clusters(files: RunFiles) -> dict[str, PodSettings]:
    """Pod settings by the cluster and namespace to which they send pods; none where stages are processes."""
    if files.images is None:
        return {}
    every = [files.settings.pods_of(stage.contract.name) for stage in files.wiring.stages]
    return {_where(pods): pods for pods in every}


def cluster_problems(pods: PodSettings) -> list[str]:
    """What is missing, each with its fix; empty if nothing is."""
    try:
        hook = KubernetesHook(
            conn_id=pods.kubernetes_conn_id or None,
            cluster_context=pods.cluster_context or None,
            in_cluster=pods.in_cluster,
        )
        api = client.AuthorizationV1Api(hook.get_conn())
        return [
            f"Airflow may not {verb} {name} in {pods.namespace}; apply deploy/manifests/accounts.yaml"
            for resource, subresource, verbs in RIGHTS
            for verb in verbs
            for name in ["/".join(filter(None, (resource, subresource)))]
            if not _allowed(api, pods.namespace, resource, subresource, verb)
        ]
    except (AirflowException, ConfigException, HTTPError, OSError, client.ApiException) as error:
        about = " ".join(str(error).split())[:300]
        return [f"does not answer: {about}; check the connection {pods.kubernetes_conn_id}"]


def _where(pods: PodSettings) -> str:
    context = f", context {pods.cluster_context}" if pods.cluster_context else ""
    return f"cluster of {pods.kubernetes_conn_id}{context}, namespace {pods.namespace}"


def _allowed(api: client.AuthorizationV1Api, namespace: str, resource: str, subresource: str, verb: str) -> bool:
    attributes = client.V1ResourceAttributes(
        namespace=namespace, resource=resource, subresource=subresource or None, verb=verb
    )
    review = client.V1SelfSubjectAccessReview(spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes))
    return api.create_self_subject_access_review(review, _request_timeout=_SECONDS).status.allowed
