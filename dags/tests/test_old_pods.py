"""Which pods sq_maintenance removes."""

from datetime import UTC, datetime, timedelta

import pytest
from kubernetes.client import models as k8s

from sq_airflow.old_pods import expired


@pytest.mark.parametrize(
    ("labels", "minutes", "gone"),
    [
        ({"already_checked": "True"}, 5, True),
        ({}, 5, False),  # a task may be about to read what it handed over
        ({}, 61, True),
    ],
)
def test_ended_pods_expire_once_airflow_has_looked_at_them_or_after_an_hour(labels, minutes, gone):
    now = datetime.now(UTC)
    ended = k8s.V1ContainerState(
        terminated=k8s.V1ContainerStateTerminated(exit_code=0, finished_at=now - timedelta(minutes=minutes))
    )
    status = k8s.V1ContainerStatus(name="base", image="i", image_id="", ready=False, restart_count=0, state=ended)
    pod = k8s.V1Pod(
        metadata=k8s.V1ObjectMeta(name="p", labels=labels),
        status=k8s.V1PodStatus(phase="Running", container_statuses=[status]),
    )
    assert expired([pod], timedelta(0), now) == ([pod] if gone else [])
