"""Exit code 3: what follows is skipped, for a reason that is a result. And what is told of a training."""

import json

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowSkipException
from fakes import cluster, context, ended

from sq_airflow import announce as announce_module
from sq_airflow import model_news
from sq_airflow.handoff import Handoff
from sq_airflow.pod_factory import operator_arguments
from sq_airflow.pod_failure import STOPPED, explain
from sq_airflow.pod_settings import PodSettings
from sq_airflow.settings import Settings

REASON = "judge@abc is not promoted: not better"
LOG = json.dumps({"level": "warning", "message": REASON, "stops": True}) + "\n"


def test_the_reason_is_the_stage_s_own_sentence():
    found = explain(ended(3, LOG), [], "base")
    assert (found.kind, found.sentence, found.retry) == (STOPPED, REASON, False)


def test_the_task_is_skipped_with_the_reason_and_its_pod_is_removed(operator, monkeypatch):
    pod = ended(3, LOG)
    deleted = cluster(operator, monkeypatch, pod)
    monkeypatch.setattr(
        "airflow.providers.cncf.kubernetes.operators.pod.KubernetesPodOperator.cleanup",
        lambda *_: (_ for _ in ()).throw(AirflowException("the pod failed")),
    )
    pushed = {}
    made = context()
    made["ti"].xcom_push = lambda key, value: pushed.update({key: value})
    with pytest.raises(AirflowSkipException, match=f"generate of uk: {REASON}"):
        operator.cleanup(pod, pod, None, made)
    assert pushed == {STOPPED: REASON}
    assert deleted == ["p"]


def test_a_moving_tag_is_pulled_each_time_and_has_no_digest(search_quality):
    task = search_quality.get_task("consolidate")
    made = operator_arguments(task.stage.contract, task.sidecar_image, "", PodSettings(moving_tag="nightly"))
    assert made["image"].endswith("/sq-xcom-sidecar:nightly")
    assert made["image_pull_policy"] == "Always"
    assert {variable.name for variable in made["env_vars"]} == {"SQ_HANDOFF", "SQ_GRACE_SECONDS"}


class _TaskInstance:
    dag_id = "judge_training"

    def __init__(self, values):
        self._values = values

    def xcom_pull(self, task_ids, map_indexes, key="return_value"):
        return self._values.get((task_ids, key))


def _handoff(stage, note):
    fields = {"stage": stage, "runId": "r-1", "uri": f"s3://b/r-1/{stage}", "digest": "sha256:" + "a" * 64}
    return Handoff.parse(fields | {"messageType": "sq.v1.X", "note": note}).to_json()


@pytest.fixture
def sent(monkeypatch, tmp_path):
    """What is sent, in the order of sending."""
    found = []

    class Files:
        records = tmp_path.as_uri()
        settings = Settings(mail_to=("a@b",), storage_conn_id="")

    class Smtp:
        def __init__(self, **_):
            """Connects to nothing."""

        def __enter__(self):
            return self

        def __exit__(self, *_):
            """Closes nothing."""

        def send_email_smtp(self, **letter):
            found.append((letter["subject"], letter["html_content"]))

    monkeypatch.setattr(model_news, "pinned_files", lambda *_: Files)
    monkeypatch.setattr(announce_module, "SmtpHook", Smtp)
    return found


def _told(values):
    made = {"ti": _TaskInstance(values), "run_id": "r-1"}
    return model_news._tell(made, ["evaluate", "register", "promote"], "promote", "")


def test_a_promotion_is_told_with_its_figures(sent):
    values = {("evaluate", "return_value"): _handoff("compare", "kappa 0.9 against 0.8")}
    values |= {("register", "return_value"): _handoff("register", "registered judge@abc")}
    values |= {("promote", "return_value"): _handoff("promote", "in production: judge@abc, move 2")}
    message = _told(values)
    assert (message["promoted"], message["reason"]) == (True, "in production: judge@abc, move 2")
    assert sent[0][0] == "judge_training: a new judge is in production"
    assert "kappa 0.9 against 0.8" in sent[0][1]
    _told(values)
    assert len(sent) == 1  # once, however often it is cleared


def test_a_promotion_that_stopped_is_told_with_its_reason(sent):
    values = {("evaluate", "return_value"): _handoff("compare", "not better"), ("promote", STOPPED): REASON}
    values |= {("register", "return_value"): _handoff("register", "registered judge@abc")}
    message = _told(values)
    assert (message["promoted"], message["reason"]) == (False, REASON)
    assert sent[0][0] == "judge_training: production stays as it is"
