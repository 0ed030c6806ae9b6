"""What a task does with its pod and its error when the stage has ended, however it ended."""

import pytest
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from fakes import cluster, context, ended, model


def test_killed_from_airflow_is_no_success(operator):
    """apache/airflow #73006, #71202: after on_kill the provider's cleanup returns as if all were well."""
    operator.pod = None
    operator.on_kill()
    pod = model({"metadata": {"name": "p", "namespace": "sq"}, "status": {"phase": "Running"}}, "V1Pod")
    assert KubernetesPodOperator.cleanup(operator, pod, pod, None, context()) is None
    with pytest.raises(AirflowException, match="The task was stopped in Airflow"):
        operator.cleanup(pod, pod, None, context())


@pytest.mark.parametrize(
    ("code", "error"), [(2, AirflowFailException), (75, AirflowException), (1, AirflowFailException)]
)
def test_exit_codes(operator, monkeypatch, code, error):
    pod = ended(code, "segments: is 0; give 1 or more")
    deleted = cluster(operator, monkeypatch, pod)
    with pytest.raises(AirflowException, match="segments: is 0; give 1 or more") as raised:
        operator.cleanup(pod, pod, None, context())
    assert type(raised.value) is error
    assert "V1Pod" not in str(raised.value)
    assert "api_version" not in str(raised.value)
    assert deleted == []  # kept, for people to look at


@pytest.mark.parametrize("seen_first", ["Pending", "Succeeded"])
@pytest.mark.parametrize(
    ("handed_over", "sentence"),
    [
        ("__airflow_xcom_result_empty__", "the handoff is missing"),
        ("x" * 4097, "the handoff has 4097 bytes, more than the limit of 4096"),
    ],
)
def test_a_success_that_hands_over_nothing_fails_and_stays(operator, monkeypatch, handed_over, sentence, seen_first):
    """Kubernetes calls it a success; the provider may still hold it as it was at its start."""
    pod = ended(0, "", "Succeeded")
    first = pod if seen_first == "Succeeded" else model({"metadata": {}, "status": {"phase": seen_first}}, "V1Pod")
    deleted = cluster(operator, monkeypatch, pod)
    operator.pod_manager.extract_xcom = lambda pod, ignore_kill_failure: handed_over
    operator._try = operator._run(context())
    with pytest.raises(AirflowException, match=sentence) as raised:
        try:
            operator.extract_xcom(pod)
        finally:
            operator.cleanup(pod, first, None, context())
    assert str(raised.value).endswith("see docs/runbook.md#no-handoff")
    assert deleted == []


def test_a_handoff_that_cannot_be_looked_at_says_why(operator, monkeypatch):
    pod = ended(0, "", "Succeeded")
    cluster(operator, monkeypatch, pod)
    first = model({"metadata": {}, "status": {"phase": "Pending"}}, "V1Pod")
    with pytest.raises(AirflowException, match="could not be read. TimeoutError: storage is away"):
        try:
            raise TimeoutError("storage is away\nand more")
        finally:
            operator.cleanup(pod, first, None, context())


def test_a_pod_that_failed_says_why_though_it_handed_over_nothing(operator, monkeypatch):
    pod = ended(75, "the service is away")
    cluster(operator, monkeypatch, pod)
    operator.pod_manager.extract_xcom = lambda pod, ignore_kill_failure: "__airflow_xcom_result_empty__"
    operator._try = operator._run(context())
    with pytest.raises(AirflowException, match="the service is away"):
        try:
            operator.extract_xcom(pod)
        finally:
            operator.cleanup(pod, pod, None, context())


def test_a_process_whose_supervisor_was_killed_leaves_the_pod_to_the_next_try(operator, monkeypatch):
    monkeypatch.setattr(operator, "_look", lambda pod: pytest.fail("looked"))
    monkeypatch.setattr(KubernetesPodOperator, "cleanup", lambda *_: pytest.fail("marked the pod"))
    with pytest.raises(BrokenPipeError):
        try:
            raise BrokenPipeError(32, "Broken pipe")
        finally:
            operator.cleanup(None, ended(0, "", "Running"), None, context())


def test_a_pod_that_never_was_is_not_looked_for(operator, monkeypatch):
    """What was under way when it could not be made says why."""
    monkeypatch.setattr(operator, "_look", lambda pod: pytest.fail("looked"))
    assert operator.cleanup(None, None, None, context()) is None


def test_a_pod_that_never_began_is_removed(operator, monkeypatch):
    fields = {"metadata": {"name": "p", "namespace": "sq"}, "spec": {"containers": [{"name": "base"}]}}
    pod = model(fields | {"status": {"phase": "Pending"}}, "V1Pod")
    deleted = cluster(operator, monkeypatch, pod)
    with pytest.raises(AirflowException, match="did not start in time"):
        operator.cleanup(pod, pod, None, context())
    assert deleted == ["p"]
