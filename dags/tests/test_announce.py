"""The announcement of a finished run, and its comparison with the baseline run."""

import json

import pytest
from airflow.sdk.exceptions import AirflowException

from sq_airflow import announce as announce_module
from sq_airflow.announce import run_uri, send, summary
from sq_airflow.announced import Announced
from sq_airflow.handoff import Handoff
from sq_airflow.letter import letter
from sq_airflow.run_folder import run_folder
from sq_airflow.settings import Settings

_SETTINGS = Settings(storage_conn_id="")


@pytest.fixture
def runs(tmp_path):
    """Two runs of two markets, as far as the announcement looks; gives the later one's handoff."""
    for run, uk in ((run_folder("scheduled__2026-11-02T04:00:00+00:00"), 0.5), ("now", 0.625)):
        folder = tmp_path / run / "all-markets/consolidate"
        folder.mkdir(parents=True)
        markets = [
            {
                "market": market,
                "overall": {"ndcg": {"value": value}, "loss": {"value": 0.1}},
                "summary": {"window": "2026-03-02 (UTC)"},
            }
            for market, value in (("uk", uk), ("de", 0.25))
        ]
        searched = [
            {"market": "uk", "start": f"2026-11-{day}T09:00:00Z", "end": f"2026-11-{day}T09:00:00Z"} for day in (25, 26)
        ]
        (folder / "report.json").write_text(json.dumps({"markets": markets, "searched": searched}))
    fields = {"stage": "consolidate", "runId": "now", "uri": folder.as_uri(), "digest": "sha256:" + "a" * 64}
    return Handoff.parse(fields | {"messageType": "sq.v1.RunReport", "records": "1", "pages": ["report.html"]})


def test_without_a_baseline(runs):
    message = summary(runs, {"baseline_run": None}, _SETTINGS)
    assert message["measures"] == {"uk": 0.625, "de": 0.25}
    assert message["pages"] == ["report.html"]
    assert "baseline_run" not in message
    assert message["figures"]["uk"] == {
        "ndcg": 0.625,
        "loss": 0.1,
        "log": "2026-03-02 (UTC)",
        "searched_from": "2026-11-25T09:00:00Z",
        "searched_to": "2026-11-26T09:00:00Z",
    }
    assert "<td>uk</td><td>0.625</td><td></td><td>2026-03-02 (UTC)</td><td>2026-11-25</td>" in letter(message)


def test_the_baseline_is_named_as_airflow_names_it(runs):
    """Characters of Airflow's run ids that no folder has are replaced as the stages' are."""
    message = summary(runs, {"baseline_run": "scheduled__2026-11-02T04:00:00+00:00"}, _SETTINGS)
    assert message["baseline_measures"] == {"uk": 0.5, "de": 0.25}
    assert "<td>uk</td><td>0.625</td><td>0.500</td>" in letter(message)


def test_a_baseline_that_is_not_there_is_said_so_and_fails_nothing(runs):
    message = summary(runs, {"baseline_run": "yesterday"}, _SETTINGS)
    assert message["measures"] == {"uk": 0.625, "de": 0.25}
    assert message["baseline_measures"] == {}
    assert "/yesterday/all-markets/consolidate has no report.json" in message["baseline_missing"]
    assert "yesterday" in letter(message)


@pytest.fixture
def sent(monkeypatch):
    """Mails and posts, by a mail server that works and a webhook that answers from its second call on."""
    found = []

    class Smtp:
        def __init__(self, **_):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def send_email_smtp(self, subject, **_):
            found.append(subject)

    class Http:
        calls = 0

        def __init__(self, method, conn_id):
            assert (method, conn_id) == ("POST", "hook")

        def run(self, data, headers):
            Http.calls += 1
            if Http.calls == 1:
                raise AirflowException("503")
            found.append(json.loads(data)["run_id"])

    monkeypatch.setattr(announce_module, "SmtpHook", Smtp)
    monkeypatch.setattr(announce_module, "HttpHook", Http)
    return found


def test_each_way_is_taken_once_whatever_fails_and_is_cleared(runs, sent):
    settings = _SETTINGS.model_copy(update={"mail_to": ("a@b",), "webhook_conn_id": "hook"})
    message = summary(runs, {}, settings)
    announced = Announced(run_uri(runs), runs.digest, "")
    with pytest.raises(AirflowException):
        send("Search quality: now", letter(message), message, settings, announced)
    for _ in range(2):  # the retry, and a clear
        send("Search quality: now", letter(message), message, settings, announced)
    assert sent == ["Search quality: now", "now"]


def test_another_report_of_the_run_is_announced_again(runs, sent):
    """A market that failed before is in it."""
    settings = _SETTINGS.model_copy(update={"mail_to": ("a@b",)})
    for digest in (runs.digest, "sha256:" + "b" * 64):
        message = summary(runs, {}, settings)
        send("Search quality: now", letter(message), message, settings, Announced(run_uri(runs), digest, ""))
    assert len(sent) == 2


def test_the_record_lies_in_the_run_s_folder(runs):
    assert run_uri(runs) == runs.uri.removesuffix("/all-markets/consolidate")
