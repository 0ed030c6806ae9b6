"""Each way a pod fails, as the API server reports it, and the one sentence a person reads."""

from datetime import UTC, datetime

import pytest
from airflow.sdk.exceptions import AirflowFailException
from fakes import model

from sq_airflow.failure import in_order
from sq_airflow.pod_failure import explain


def _pod(status, **spec):
    base = {"name": "base", "image": "r/sq-evaluate@sha256:1", "resources": {"limits": {"memory": "2Gi"}}}
    return model(
        {"metadata": {"name": "sq-uk-evaluate-1"}, "spec": {"containers": [base], **spec}, "status": status},
        "V1Pod",
    )


def _container(**state):
    return {
        "name": "base",
        "image": "r/sq-evaluate@sha256:1",
        "imageID": "",
        "ready": False,
        "restartCount": 0,
        "state": state,
    }


def _ended(code, reason="Error", message=""):
    ended = _container(terminated={"exitCode": code, "reason": reason, "message": message})
    return {"phase": "Running", "containerStatuses": [ended]}


def _waiting(reason, message):
    return {
        "phase": "Pending",
        "containerStatuses": [_container(waiting={"reason": reason, "message": message})],
    }


def _unscheduled(message):
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return {"phase": "Pending", "conditions": [condition]}


_LOG = '{"level":"info","message":"started"}\n{"level":"error","message":"config: top_k: is -1; give 1 or more"}\n'

_TABLE = [
    (None, "pod-gone", "The pod is gone", True),
    (
        _pod(_ended(137, "OOMKilled")),
        "oomkilled",
        "The container exceeded its memory limit (OOMKilled, limit 2Gi).",
        False,
    ),
    (_pod(_ended(2, message=_LOG)), "bad-input", "(exit code 2): config: top_k: is -1; give 1 or more", False),
    (
        _pod(_ended(75, message="the search endpoint is away")),
        "try-again",
        "(exit code 75): the search endpoint is away",
        True,
    ),
    (_pod(_ended(1, message="ValueError: x")), "bug", "The stage crashed (exit code 1): ValueError: x", False),
    (_pod(_ended(137)), "killed", "A signal from outside ended the stage (SIGKILL)", True),
    (_pod(_ended(143)), "killed", "A signal from outside ended the stage (SIGTERM)", True),
    (_pod(_ended(0, "Completed")), "no-handoff", "its handoff could not be read", True),
    (_pod(_ended(128, "StartError", "no such file")), "cannot-start", "cannot start: no such file", False),
    (
        _pod({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}),
        "evicted",
        "evicted: The node was low on resource: memory.",
        True,
    ),
    (
        _pod(
            _ended(143)
            | {
                "conditions": [
                    {
                        "type": "DisruptionTarget",
                        "status": "True",
                        "reason": "EvictionByEvictionAPI",
                        "message": "Eviction API: evicting",
                    }
                ]
            }
        ),
        "evicted",
        "evicted (EvictionByEvictionAPI): Eviction API: evicting",
        True,
    ),
    (
        _pod({"phase": "Failed", "reason": "DeadlineExceeded"}, activeDeadlineSeconds=60),
        "timeout",
        "exceeded its time limit of 60 s",
        True,
    ),
    (
        _pod(_waiting("ImagePullBackOff", "manifest unknown")),
        "image-pull",
        "r/sq-evaluate@sha256:1 cannot be pulled (ImagePullBackOff): manifest unknown",
        True,
    ),
    (
        _pod(_waiting("CreateContainerConfigError", 'secret "sq-openai" not found')),
        "missing-configuration",
        'secret "sq-openai" not found',
        False,
    ),
    (
        _pod(_unscheduled("0/1 nodes are available: 1 Insufficient memory.")),
        "unschedulable",
        "No node can run the pod: 0/1 nodes are available",
        True,
    ),
    (
        _pod(_unscheduled('persistentvolumeclaim "sq-models" not found')),
        "missing-volume",
        '"sq-models" not found',
        False,
    ),
    (
        _pod(_waiting("ContainerCreating", "")),
        "pod-start-up-timeout",
        "did not start in time (phase Pending)",
        True,
    ),
    (
        _pod({"phase": "Running", "containerStatuses": [_container(running={})]}),
        "timeout",
        "exceeded its time limit",
        True,
    ),
]


@pytest.mark.parametrize(
    ("pod", "kind", "sentence", "retry"), _TABLE, ids=lambda value: value if isinstance(value, str) else ""
)
def test_explained(pod, kind, sentence, retry):
    failure = explain(pod, [], "base")
    assert failure.kind == kind
    assert sentence in failure.sentence
    assert failure.retry is retry
    assert "\n" not in failure.sentence
    assert "V1Pod" not in failure.sentence
    assert isinstance(failure.error("evaluate of uk"), AirflowFailException) is not retry


def _event(reason, message, second):
    time = datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC).isoformat()
    fields = {
        "reason": reason,
        "message": message,
        "lastTimestamp": time,
        "metadata": {},
        "involvedObject": {},
    }
    return model(fields, "CoreV1Event")


def test_a_volume_that_cannot_be_mounted_is_in_the_events():
    events = [_event("FailedMount", 'configmap "x" not found', 2), _event("Scheduled", "to node1", 1)]
    failure = explain(_pod(_waiting("ContainerCreating", "")), events, "base")
    assert (failure.kind, failure.sentence) == (
        "missing-volume",
        'A volume cannot be mounted: configmap "x" not found',
    )


def test_the_error_ends_with_the_last_five_events_in_order_and_the_page_of_the_runbook():
    events = [_event("Pulled", f"event {second}", second) for second in (3, 1, 2, 6, 5, 4)]
    text = str(explain(None, events, "base").error("evaluate of uk, shard 0/2", events))
    assert text.splitlines()[0].startswith("evaluate of uk, shard 0/2: The pod is gone")
    assert [line.split()[-1] for line in text.splitlines()[1:-1]] == ["2", "3", "4", "5", "6"]
    assert text.splitlines()[-1].strip() == "see docs/runbook.md#pod-gone"


def test_events_are_in_the_order_of_time_whatever_field_has_it():
    """The scheduler sets eventTime, the kubelet lastTimestamp, and a series counts repeats."""
    time = "2026-01-01T00:00:0{}{}Z".format
    base = {"metadata": {"creationTimestamp": time(0, "")}, "involvedObject": {}}
    fields = [
        {"message": "4", "series": {"lastObservedTime": time(4, ".000001")}, "eventTime": time(1, ".000001")},
        {"message": "3", "firstTimestamp": time(1, ""), "lastTimestamp": time(3, "")},
        {"message": "0"},
        {"message": "2", "eventTime": time(2, ".500000")},
    ]
    events = in_order([model(base | item, "CoreV1Event") for item in fields])
    assert [event.message for event in events] == ["0", "2", "3", "4"]


def test_every_kind_has_its_page(runbook):
    assert {row[1] for row in _TABLE if f"## {row[1]}\n" not in runbook} == set()
