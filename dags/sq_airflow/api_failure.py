"""Explains why a request to the cluster's API server failed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from airflow.providers.cncf.kubernetes.kubernetes_helper_functions import KubernetesApiException
from airflow.providers.cncf.kubernetes.utils.pod_manager import PodNotFoundException
from kubernetes.client import ApiException
from urllib3.exceptions import HTTPError

from sq_airflow.failure import Failure
from sq_airflow.pod_failure import GONE


@contextmanager
def explained(title: str) -> Iterator[None]:
    """Turns what the provider and the Kubernetes client raise into one sentence about the task."""
    try:
        yield
    except PodNotFoundException:
        raise GONE.error(title) from None
    except (HTTPError, KubernetesApiException) as error:
        raise _unreachable(error).error(title) from None
    except ApiException as error:
        raise explain_rejection(error).error(title) from None


def explain_rejection(error: ApiException) -> Failure:
    """Why the API server rejected a request about the pod."""
    message = _message(error)
    if error.status == 403 and "exceeded quota" in message:
        return Failure("quota", f"The namespace's resource quota is used up: {message}", retry=True)
    if error.status == 403 and "violates PodSecurity" in message:
        return Failure(
            "pod-security", f"The pod violates the namespace's Pod Security standard: {message}", retry=False
        )
    if error.status == 403 and "usage per" in message:
        return Failure("quota", f"The pod requests more than the namespace allows one pod: {message}", retry=False)
    if error.status in (401, 403):
        return Failure("forbidden", f"Airflow's account lacks a permission in the cluster: {message}", retry=False)
    if error.status == 404:
        return Failure("pod-gone", f"The pod, or an object it names, does not exist: {message}", retry=True)
    if error.status is not None and 400 <= error.status < 500 and error.status != 429:
        return Failure("pod-refused", f"The cluster rejected the pod: {message}", retry=False)
    return _unreachable(message)


def _unreachable(why: object) -> Failure:
    return Failure("cluster-unreachable", f"The cluster's API server did not answer: {why}", retry=True)


def _message(error: ApiException) -> str:
    try:
        return json.loads(error.body)["message"]
    except (TypeError, ValueError, KeyError):
        return f"{error.status} {error.reason}"
