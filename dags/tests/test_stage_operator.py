"""Ways in which KubernetesPodOperator calls a task a success that did nothing: none gets past ours.

The provider's own code runs; only the cluster is played.
"""

import json
from types import SimpleNamespace

import pytest
from airflow.providers.cncf.kubernetes.kubernetes_helper_functions import KubernetesApiException
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.utils.pod_manager import PodNotFoundException
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from kubernetes.client import ApiClient, ApiException, Configuration
from urllib3.exceptions import HTTPError

_RUN = "r-1"


def _model(fields, kind):
    return ApiClient(Configuration())._ApiClient__deserialize(fields, kind)


class _TaskInstance:
    dag_id, map_index, try_number = "search_quality", -1, 1

    def __init__(self, task_id, handed_over):
        self.task_id, self._handed_over = task_id, handed_over

    def xcom_pull(self, task_ids, map_indexes):
        return self._handed_over.get((task_ids, map_indexes))

    def xcom_push(self, key, value):
        assert key != "return_value", "a task that failed hands over nothing"


def _context(task_id="uk.generate", handed_over=None, **params):
    params = {"markets": ["uk", "de"]} | params
    return {
        "ti": _TaskInstance(task_id, handed_over or {}),
        "run_id": _RUN,
        "params": params,
        "dag": SimpleNamespace(),
    }


@pytest.fixture
def operator(search_quality, tmp_path):
    """uk's generate, writing to a folder of this machine."""
    import copy
    import dataclasses

    made = copy.copy(search_quality.get_task("uk.generate"))
    made.stage = dataclasses.replace(made.stage, workspace=str(tmp_path))
    return made


def _publish(operator):
    """The artefact as far as Airflow looks; returns its handoff."""
    from pathlib import Path
    from urllib.parse import urlsplit

    uri, digest = operator.stage.output(_RUN, ""), "sha256:" + "a" * 64
    folder = Path(urlsplit(uri).path)
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(
        json.dumps({"digest": digest, "content": {"messageType": "sq.v1.QuerySetRecord", "records": "1"}})
    )
    handoff = {"stage": "generate", "runId": _RUN, "market": "uk", "uri": uri, "digest": digest}
    return handoff | {"messageType": "sq.v1.QuerySetRecord", "records": "1"}


def _returns(monkeypatch, value):
    monkeypatch.setattr(KubernetesPodOperator, "execute", lambda self, context: value)


def test_a_handoff_whose_artefact_is_there_is_a_success(operator, monkeypatch):
    handoff = _publish(operator)
    _returns(monkeypatch, json.dumps(handoff))
    assert operator.execute(_context()) == handoff


def test_no_handoff_is_no_success(operator, monkeypatch):
    _publish(operator)
    _returns(monkeypatch, None)
    with pytest.raises(AirflowException, match="the handoff is missing"):
        operator.execute(_context())


def test_a_handoff_without_its_artefact_is_no_success(operator, monkeypatch):
    from pathlib import Path
    from urllib.parse import urlsplit

    handoff = _publish(operator)
    (Path(urlsplit(handoff["uri"]).path) / "manifest.json").unlink()
    _returns(monkeypatch, json.dumps(handoff))
    with pytest.raises(AirflowException, match="has no manifest.json"):
        operator.execute(_context())


def test_killed_from_airflow_is_no_success(operator):
    """apache/airflow #73006, #71202: after on_kill the provider's cleanup returns as if all were well."""
    operator.pod = None
    operator.on_kill()
    pod = _model({"metadata": {"name": "p", "namespace": "sq"}, "status": {"phase": "Running"}}, "V1Pod")
    assert KubernetesPodOperator.cleanup(operator, pod, pod, None, _context()) is None
    with pytest.raises(AirflowException, match="stopped from Airflow"):
        operator.cleanup(pod, pod, None, _context())


def test_a_deferred_pod_that_is_gone_is_no_success(operator, monkeypatch):
    """apache/airflow #73117: where the pod is gone, the provider's trigger_reentry returns None for a success."""

    def gone(name, namespace):
        raise ApiException(status=404, reason="Not Found")

    monkeypatch.setitem(vars(operator), "hook", SimpleNamespace(get_pod=gone))
    event = {"status": "success", "name": "p", "namespace": "sq", "message": ""}
    assert KubernetesPodOperator.trigger_reentry(operator, _context(), event) is None
    with pytest.raises(AirflowException, match="the handoff is missing"):
        operator.trigger_reentry(_context(), event)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PodNotFoundException("Pod sq/p not found"), "its pod is gone"),
        (HTTPError("connection refused"), "the cluster did not answer: connection refused"),
        (KubernetesApiException("connection refused"), "the cluster did not answer: connection refused"),
    ],
)
def test_what_the_provider_raises_is_one_sentence(operator, monkeypatch, error, sentence):
    def fail(*_):
        raise error

    monkeypatch.setattr(KubernetesPodOperator, "trigger_reentry", fail)
    monkeypatch.setattr(KubernetesPodOperator, "execute", fail)
    with pytest.raises(AirflowException, match=sentence):
        operator.trigger_reentry(_context(), {})
    with pytest.raises(AirflowException, match=sentence):
        operator.execute(_context())


def test_a_pod_that_ends_before_it_is_deferred_keeps_its_handoff(operator, monkeypatch):
    """The provider calls trigger_reentry itself then, and drops what it returns."""
    handoff = _publish(operator)
    monkeypatch.setattr(KubernetesPodOperator, "trigger_reentry", lambda self, context, event: json.dumps(handoff))
    monkeypatch.setattr(
        KubernetesPodOperator, "execute", lambda self, context: self.trigger_reentry(context, {}) and None
    )
    assert operator.execute(_context()) == handoff


@pytest.mark.parametrize(
    ("text", "sentence"), [("x" * 4097, "its handoff has 4097 bytes, over 4096"), ("{", "the handoff is not JSON")]
)
def test_a_handoff_that_the_provider_cannot_read_says_what_is_wrong_with_it(operator, text, sentence):
    operator.pod_manager = SimpleNamespace(extract_xcom=lambda pod, ignore_kill_failure: json.loads(text))
    operator._try = operator._run(_context())
    with pytest.raises(AirflowException, match=sentence):
        operator.extract_xcom(None)


def test_a_long_handoff_is_not_parsed(operator):
    operator.pod_manager = SimpleNamespace(extract_xcom=lambda pod, ignore_kill_failure: "x" * 4097)
    with pytest.raises(AirflowException, match="4097 bytes, over 4096"):
        operator.extract_xcom(None)


def _cluster(operator, monkeypatch, pod, events=()):
    """Plays a cluster that has one pod."""
    deleted = []
    manager = SimpleNamespace(
        read_pod_events=lambda pod: SimpleNamespace(items=list(events)),
        read_pod=lambda pod_: pod,
        delete_pod=lambda pod: deleted.append(pod.metadata.name),
    )
    client = SimpleNamespace(read_namespaced_pod=lambda name, namespace: pod, patch_namespaced_pod=lambda **_: None)
    monkeypatch.setitem(vars(operator), "pod_manager", manager)
    monkeypatch.setitem(vars(operator), "client", client)
    return deleted


def _failed(code, message, phase="Failed"):
    state = {"terminated": {"exitCode": code, "reason": "Error", "message": message}}
    status = {"name": "base", "image": "i", "imageID": "", "ready": False, "restartCount": 0, "state": state}
    fields = {"metadata": {"name": "p", "namespace": "sq"}, "spec": {"containers": [{"name": "base"}]}}
    return _model(fields | {"status": {"phase": phase, "containerStatuses": [status]}}, "V1Pod")


@pytest.mark.parametrize(
    ("code", "error"), [(2, AirflowFailException), (75, AirflowException), (1, AirflowFailException)]
)
def test_exit_codes(operator, monkeypatch, code, error):
    pod = _failed(code, "segments: is 0; give 1 or more")
    deleted = _cluster(operator, monkeypatch, pod)
    with pytest.raises(AirflowException, match="segments: is 0; give 1 or more") as raised:
        operator.cleanup(pod, pod, None, _context())
    assert type(raised.value) is error
    assert "V1Pod" not in str(raised.value)
    assert "api_version" not in str(raised.value)
    assert deleted == []  # kept, for people to look at


@pytest.mark.parametrize("seen_first", ["Pending", "Succeeded"])
@pytest.mark.parametrize(
    ("handed_over", "sentence"),
    [
        ("__airflow_xcom_result_empty__", "the handoff is missing"),
        ("x" * 4097, "its handoff has 4097 bytes, over 4096"),
    ],
)
def test_a_success_that_hands_over_nothing_fails_and_stays(operator, monkeypatch, handed_over, sentence, seen_first):
    """Kubernetes calls it a success; the provider may still hold it as it was at its start."""
    pod = _failed(0, "", "Succeeded")
    first = pod if seen_first == "Succeeded" else _model({"metadata": {}, "status": {"phase": seen_first}}, "V1Pod")
    deleted = _cluster(operator, monkeypatch, pod)
    operator.pod_manager.extract_xcom = lambda pod, ignore_kill_failure: handed_over
    operator._try = operator._run(_context())
    with pytest.raises(AirflowException, match=sentence) as raised:
        try:
            operator.extract_xcom(pod)
        finally:
            operator.cleanup(pod, first, None, _context())
    assert str(raised.value).endswith("see docs/runbook.md#no-handoff")
    assert deleted == []


def test_a_handoff_that_cannot_be_looked_at_says_why(operator, monkeypatch):
    pod = _failed(0, "", "Succeeded")
    _cluster(operator, monkeypatch, pod)
    first = _model({"metadata": {}, "status": {"phase": "Pending"}}, "V1Pod")
    with pytest.raises(AirflowException, match="could not be read. TimeoutError: storage is away"):
        try:
            raise TimeoutError("storage is away\nand more")
        finally:
            operator.cleanup(pod, first, None, _context())


def test_a_pod_that_failed_says_why_though_it_handed_over_nothing(operator, monkeypatch):
    pod = _failed(75, "the service is away")
    _cluster(operator, monkeypatch, pod)
    operator.pod_manager.extract_xcom = lambda pod, ignore_kill_failure: "__airflow_xcom_result_empty__"
    operator._try = operator._run(_context())
    with pytest.raises(AirflowException, match="the service is away"):
        try:
            operator.extract_xcom(pod)
        finally:
            operator.cleanup(pod, pod, None, _context())


def test_a_process_whose_supervisor_was_killed_leaves_the_pod_to_the_next_try(operator, monkeypatch):
    monkeypatch.setattr(operator, "_look", lambda pod: pytest.fail("looked"))
    monkeypatch.setattr(KubernetesPodOperator, "cleanup", lambda *_: pytest.fail("marked the pod"))
    with pytest.raises(BrokenPipeError):
        try:
            raise BrokenPipeError(32, "Broken pipe")
        finally:
            operator.cleanup(None, _failed(0, "", "Running"), None, _context())


def test_a_pod_that_never_was_is_not_looked_for(operator, monkeypatch):
    """What was under way when it could not be made says why."""
    monkeypatch.setattr(operator, "_look", lambda pod: pytest.fail("looked"))
    assert operator.cleanup(None, None, None, _context()) is None


def test_a_pod_that_never_began_is_removed(operator, monkeypatch):
    fields = {"metadata": {"name": "p", "namespace": "sq"}, "spec": {"containers": [{"name": "base"}]}}
    pod = _model(fields | {"status": {"phase": "Pending"}}, "V1Pod")
    deleted = _cluster(operator, monkeypatch, pod)
    with pytest.raises(AirflowException, match="did not start in time"):
        operator.cleanup(pod, pod, None, _context())
    assert deleted == ["p"]


def test_a_market_left_out_is_skipped(operator):
    with pytest.raises(AirflowSkipException, match="uk is not among this run's markets: de"):
        operator.execute(_context(markets=["de"]))


def test_a_missing_input_is_no_start(search_quality):
    with pytest.raises(AirflowFailException, match=r"uk\.generate handed over nothing"):
        search_quality.get_task("uk.ner_diff").execute(_context("uk.ner_diff"))


def test_consolidate_goes_on_without_a_failed_market(search_quality, operator, monkeypatch):
    consolidate = search_quality.get_task("consolidate")
    monkeypatch.setattr(consolidate, "env_vars", list(consolidate.env_vars))
    _returns(monkeypatch, None)
    report = _publish(operator)
    with pytest.raises(AirflowException, match="the handoff is missing"):
        consolidate.execute(_context("consolidate", {("de.report", -1): report}))
    flags = consolidate.arguments
    assert [flags[i + 1] for i, flag in enumerate(flags) if flag == "--input"] == [f"reports={report['uri']}"]
    # Not where the page of all markets goes once the other is there.
    assert flags[flags.index("--output") + 1] == "s3://sq-runs/search/r-1/all-markets/consolidate-without-uk"


def test_a_market_that_is_left_out_on_purpose_is_not_missing(search_quality, operator, monkeypatch):
    consolidate = search_quality.get_task("consolidate")
    monkeypatch.setattr(consolidate, "env_vars", list(consolidate.env_vars))
    _returns(monkeypatch, None)
    with pytest.raises(AirflowException, match="the handoff is missing"):
        consolidate.execute(_context("consolidate", {("de.report", -1): _publish(operator)}, markets=["de"]))
    flags = consolidate.arguments
    assert flags[flags.index("--output") + 1] == "s3://sq-runs/search/r-1/all-markets/consolidate"


def test_a_pod_that_is_refused_is_not_in_the_log(operator):
    def refuse(body, namespace):
        assert (body["metadata"]["name"], namespace) == ("p", "sq")
        raise ApiException(status=403, reason="Forbidden")

    client = SimpleNamespace(api_client=ApiClient(Configuration()), create_namespaced_pod=refuse)
    vars(operator).update(client=client, callbacks=[])
    vars(operator).pop("pod_manager", None)
    written = []
    levels = ("debug", "info", "warning", "error", "exception")
    operator.pod_manager._log = SimpleNamespace(**dict.fromkeys(levels, lambda *words, **_: written.append(words)))
    pod = _model({"metadata": {"name": "p", "namespace": "sq", "labels": {"telltale": "yes"}}}, "V1Pod")
    with pytest.raises(ApiException):
        operator.pod_manager.create_pod(pod)
    assert "telltale" not in str(written)
