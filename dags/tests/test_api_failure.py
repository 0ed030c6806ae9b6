"""Why the API server rejects requests about pods, and whether a retry may help."""

import pytest
from airflow.sdk.exceptions import AirflowException
from kubernetes.client import ApiException

from sq_airflow.api_failure import explain_rejection


def _rejection(status, message):
    error = ApiException(status=status, reason="because")
    error.body = f'{{"message": "{message}"}}'
    return error


_REJECTIONS = [
    (_rejection(403, "exceeded quota: sq, requested: cpu=4"), "quota", True),
    (_rejection(403, "maximum memory usage per Container is 32Gi, but limit is 100Gi"), "quota", False),
    (_rejection(403, "violates PodSecurity restricted: hostPath"), "pod-security", False),
    (_rejection(403, "cannot create resource pods"), "forbidden", False),
    (_rejection(401, "Unauthorized"), "forbidden", False),
    (_rejection(404, "namespace sq not found"), "pod-gone", True),
    (_rejection(422, "spec.containers[0].image: required"), "pod-refused", False),
    (_rejection(500, "etcd is away"), "cluster-unreachable", True),
    (ApiException(status=503, reason="Service Unavailable"), "cluster-unreachable", True),
]


@pytest.mark.parametrize(("error", "kind", "retry"), _REJECTIONS)
def test_explained(error, kind, retry):
    failure = explain_rejection(error)
    assert (failure.kind, failure.retry) == (kind, retry)
    assert "HTTP response headers" not in failure.sentence
    assert isinstance(failure.error("x"), AirflowException)


def test_every_kind_has_its_page(runbook):
    assert {row[1] for row in _REJECTIONS if f"## {row[1]}\n" not in runbook} == set()
