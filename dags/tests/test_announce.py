"""The announcement of a finished run, and its comparison with the baseline run."""

import json

import pytest

from sq_airflow.announce import _letter, summary
from sq_airflow.handoff import Handoff
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
            {"market": market, "overall": {"ndcg": {"value": value}}} for market, value in (("uk", uk), ("de", 0.25))
        ]
        (folder / "report.json").write_text(json.dumps({"markets": markets}))
    fields = {"stage": "consolidate", "runId": "now", "uri": folder.as_uri(), "digest": "sha256:" + "a" * 64}
    return Handoff.parse(fields | {"messageType": "sq.v1.RunReport", "records": "1", "pages": ["report.html"]})


def test_without_a_baseline(runs):
    message = summary(runs, {"baseline_run": None}, _SETTINGS)
    assert message["measures"] == {"uk": 0.625, "de": 0.25}
    assert message["pages"] == ["report.html"]
    assert "baseline_run" not in message
    assert "<td>uk</td><td>0.625</td><td></td>" in _letter(message)


def test_the_baseline_is_named_as_airflow_names_it(runs):
    """Characters of Airflow's run ids that no folder has are replaced as the stages' are."""
    message = summary(runs, {"baseline_run": "scheduled__2026-11-02T04:00:00+00:00"}, _SETTINGS)
    assert message["baseline_measures"] == {"uk": 0.5, "de": 0.25}
    assert "<td>uk</td><td>0.625</td><td>0.500</td>" in _letter(message)


def test_a_baseline_that_is_not_there_is_said_so_and_fails_nothing(runs):
    message = summary(runs, {"baseline_run": "yesterday"}, _SETTINGS)
    assert message["measures"] == {"uk": 0.625, "de": 0.25}
    assert message["baseline_measures"] == {}
    assert "/yesterday/all-markets/consolidate has no report.json" in message["baseline_missing"]
    assert "yesterday" in _letter(message)
