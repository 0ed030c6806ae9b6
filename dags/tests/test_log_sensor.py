"""A market waits until the log of the run's days is there, without a worker."""

import importlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, TaskDeferred
from fakes import context

from sq_airflow.log_sensor import LogSensor
from sq_airflow.pins import Pins
from sq_airflow.places import Places

DAYS = {"from": "2026-03-28", "to": "2026-03-30"}


@pytest.fixture
def ref(tmp_path):
    """Pins of a run whose market uk has a log by day, in the folder of the test."""
    pins = json.loads(Pins.read(Places.from_environment(), images=True).model_dump_json())
    pins["run"]["markets"][0]["generate"] = {"log": {"uri": [f"{tmp_path}/dt={{date}}/"]}}
    return Pins.model_validate(pins).keep((tmp_path / "run").as_uri(), "").model_dump(mode="json")


@pytest.fixture
def look(ref):
    def look(market="uk", since=None, **run):
        sensor = LogSensor(task_id="wait", market=market, storage_conn_id="", poke_seconds=7, timeout_seconds=60)
        made = context("uk.wait_for_log", {("pin", -1): ref}, **run)
        return sensor.look(made, since=since.isoformat()) if since else sensor.execute(made)

    return look


def test_it_is_deferred_until_every_day_is_there(look, tmp_path):
    with pytest.raises(TaskDeferred) as first:
        look(**DAYS)
    assert first.value.method_name == "look"
    assert datetime.fromisoformat(first.value.kwargs["since"]) <= datetime.now(UTC)
    assert type(first.value.trigger).__module__.startswith("airflow."), "the triggerer lacks the DAGs' code"
    (tmp_path / "dt=2026-03-28").mkdir()
    with pytest.raises(TaskDeferred):
        look(**DAYS)
    (tmp_path / "dt=2026-03-29").mkdir()
    assert look(**DAYS) is None


def test_it_waits_no_longer_than_the_settings_say(look):
    complaint = r"did not come within 60 s: there is no file:.*dt=2026-03-28, file:.*dt=2026-03-29"
    with pytest.raises(AirflowFailException, match=complaint) as caught:
        look(since=datetime.now(UTC) - timedelta(seconds=61), **DAYS)
    assert "docs/runbook.md#no-log" in str(caught.value)


def test_a_log_with_a_fixed_window_is_there_already(tmp_path):
    pins = json.loads(Pins.read(Places.from_environment(), images=True).model_dump_json())
    pins["run"]["markets"][0]["generate"] = {"log": {"uri": ["/absent/"], "window": "LOG_WINDOW_FIXED"}}
    kept = Pins.model_validate(pins).keep((tmp_path / "run").as_uri(), "").model_dump(mode="json")
    sensor = LogSensor(task_id="wait", market="uk", storage_conn_id="", poke_seconds=7, timeout_seconds=60)
    assert sensor.look(context("uk.wait_for_log", {("pin", -1): kept}), since=datetime.now(UTC).isoformat()) is None


def test_a_list_of_queries_and_a_market_left_out_wait_for_nothing(look):
    assert look("de") is None
    with pytest.raises(AirflowSkipException):
        look(markets=["de"], **DAYS)


def test_a_run_without_days_is_refused_before_it_waits(look):
    with pytest.raises(AirflowFailException, match="this run has none"):
        look()


def test_the_dag_has_the_task_if_the_settings_ask_for_it(monkeypatch, tmp_path, data):
    settings = json.loads((data / "settings.json").read_text()) | {"wait_for_log": {"poke_seconds": 5}}
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    monkeypatch.setenv("SQ_AIRFLOW_SETTINGS", str(tmp_path / "settings.json"))
    module = importlib.reload(importlib.import_module("search_quality"))
    waits = module.dag.get_task("uk.wait_for_log")
    assert (waits.upstream_task_ids, waits.downstream_task_ids) == ({"pin"}, {"uk.generate"})
    assert (waits.poke_seconds, waits.timeout_seconds) == (5, 21600)
