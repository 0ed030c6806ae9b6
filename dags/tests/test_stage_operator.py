"""KubernetesPodOperator reports success for tasks that did nothing; StageOperator does not.

The provider's own code runs; only the cluster is a stand-in.
"""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from airflow.providers.cncf.kubernetes.kubernetes_helper_functions import KubernetesApiException
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.utils.pod_manager import PodNotFoundException
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from fakes import context, model, publish
from kubernetes.client import ApiClient, ApiException, Configuration
from urllib3.exceptions import HTTPError


def _returns(monkeypatch, value):
    monkeypatch.setattr(KubernetesPodOperator, "execute", lambda self, context: value)


def test_a_handoff_whose_artefact_is_there_is_a_success(operator, monkeypatch):
    handoff = publish(operator)
    _returns(monkeypatch, json.dumps(handoff))
    assert operator.execute(context()) == handoff


@pytest.mark.parametrize(
    ("conf", "hint"),
    [
        ({"query_budgt": 5}, "did you mean query_budget?"),
        ({"x": 1, "judge": "baseline"}, "judge, markets, query_budget"),
    ],
)
def test_a_run_with_an_unknown_parameter_fails_before_any_work(operator, monkeypatch, conf, hint):
    _returns(monkeypatch, json.dumps(publish(operator)))
    with pytest.raises(AirflowFailException, match=re.escape(hint)) as caught:
        operator.execute(context(conf=conf))
    assert "docs/runbook.md#unknown-parameter" in str(caught.value)


def test_no_handoff_is_no_success(operator, monkeypatch):
    publish(operator)
    _returns(monkeypatch, None)
    with pytest.raises(AirflowException, match="the handoff is missing"):
        operator.execute(context())


def test_a_handoff_without_its_artefact_is_no_success(operator, monkeypatch):
    handoff = publish(operator)
    (Path(urlsplit(handoff["uri"]).path) / "manifest.json").unlink()
    _returns(monkeypatch, json.dumps(handoff))
    with pytest.raises(AirflowException, match="has no manifest.json"):
        operator.execute(context())


def test_a_deferred_pod_that_is_gone_is_no_success(operator, monkeypatch):
    """apache/airflow #73117: where the pod is gone, the provider's trigger_reentry returns None for a success."""

    def gone(name, namespace):
        raise ApiException(status=404, reason="Not Found")

    monkeypatch.setitem(vars(operator), "hook", SimpleNamespace(get_pod=gone))
    event = {"status": "success", "name": "p", "namespace": "sq", "message": ""}
    assert KubernetesPodOperator.trigger_reentry(operator, context(), event) is None
    with pytest.raises(AirflowException, match="the handoff is missing"):
        operator.trigger_reentry(context(), event)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PodNotFoundException("Pod sq/p not found"), "The pod is gone"),
        (HTTPError("connection refused"), "API server did not answer: connection refused"),
        (KubernetesApiException("connection refused"), "API server did not answer: connection refused"),
    ],
)
def test_what_the_provider_raises_is_one_sentence(operator, monkeypatch, error, sentence):
    def fail(*_):
        raise error

    monkeypatch.setattr(KubernetesPodOperator, "trigger_reentry", fail)
    monkeypatch.setattr(KubernetesPodOperator, "execute", fail)
    with pytest.raises(AirflowException, match=sentence):
        operator.trigger_reentry(context(), {})
    with pytest.raises(AirflowException, match=sentence):
        operator.execute(context())


def test_a_pod_that_ends_before_it_is_deferred_keeps_its_handoff(operator, monkeypatch):
    """The provider calls trigger_reentry itself then, and drops what it returns."""
    handoff = publish(operator)
    monkeypatch.setattr(KubernetesPodOperator, "trigger_reentry", lambda self, context, event: json.dumps(handoff))
    monkeypatch.setattr(
        KubernetesPodOperator, "execute", lambda self, context: self.trigger_reentry(context, {}) and None
    )
    assert operator.execute(context()) == handoff


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("x" * 4097, "the handoff has 4097 bytes, more than the limit of 4096"), ("{", "handoff: invalid JSON")],
)
def test_a_handoff_that_the_provider_cannot_read_says_what_is_wrong_with_it(operator, text, sentence):
    operator.pod_manager = SimpleNamespace(extract_xcom=lambda pod, ignore_kill_failure: json.loads(text))
    operator._try = operator._run(context())
    with pytest.raises(AirflowException, match=sentence):
        operator.extract_xcom(None)


def test_a_long_handoff_is_not_parsed(operator):
    operator.pod_manager = SimpleNamespace(extract_xcom=lambda pod, ignore_kill_failure: "x" * 4097)
    operator._try = operator._run(context())
    with pytest.raises(AirflowException, match="4097 bytes, more than the limit of 4096"):
        operator.extract_xcom(None)


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
    pod = model({"metadata": {"name": "p", "namespace": "sq", "labels": {"telltale": "yes"}}}, "V1Pod")
    with pytest.raises(ApiException):
        operator.pod_manager.create_pod(pod)
    assert "telltale" not in str(written)
