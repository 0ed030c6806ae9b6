"""Dates of search_quality: each run has an interval, and the settings for dates mean something."""

from datetime import UTC, datetime, timedelta

import pytest
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import TimeRestriction
from pydantic import ValidationError

from sq_airflow.schedule import schedule_of
from sq_airflow.settings import Settings


def stored(**fields):
    """The DAG as Airflow's scheduler has it."""
    dag = DAG("d", **schedule_of(Settings(**fields)))
    return DagSerialization.from_dict(DagSerialization.to_dict(dag))


def intervals(dag, first, last):
    found = dag.iter_dagrun_infos_between(first, last)
    return [(info.data_interval.start.isoformat()[:16], info.data_interval.end.isoformat()[:16]) for info in found]


def test_each_date_of_a_backfill_has_its_own_interval():
    dag = stored(schedule="0 4 * * 1")
    assert intervals(dag, datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 19, 23, tzinfo=UTC)) == [
        ("2026-01-05T04:00", "2026-01-12T04:00"),
        ("2026-01-12T04:00", "2026-01-19T04:00"),
        ("2026-01-19T04:00", "2026-01-26T04:00"),
    ]


def test_the_schedule_keeps_its_hour_when_the_clocks_change():
    dag = stored(schedule="0 4 * * *", time_zone="Europe/London")
    found = intervals(dag, datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 29, 23, tzinfo=UTC))
    assert found == [("2026-03-28T04:00", "2026-03-29T03:00"), ("2026-03-29T03:00", "2026-03-30T03:00")]


@pytest.mark.parametrize(("catchup", "first"), [(True, "2026-01-05T04:00"), (False, None)])
def test_catchup_begins_with_the_start_date(catchup, first):
    dag = stored(schedule="0 4 * * 1", catchup=catchup, start_date="2026-01-02")
    restriction = TimeRestriction(earliest=dag.start_date, latest=None, catchup=dag.catchup)
    info = dag.timetable.next_dagrun_info(last_automated_data_interval=None, restriction=restriction)
    if first:
        assert info.data_interval.start.isoformat()[:16] == first
    else:
        assert info.data_interval.end > datetime.now(UTC) - timedelta(days=8)


def test_an_asset_may_start_the_runs():
    assert [asset.name for asset in stored(log_asset="shop_log").timetable.asset_condition.objects] == ["shop_log"]


def test_a_run_may_have_a_time_limit():
    assert stored(dagrun_timeout_seconds=3600).dagrun_timeout == timedelta(hours=1)
    assert stored().dagrun_timeout is None


@pytest.mark.parametrize(
    "fields",
    [
        {"schedule": "0 4 * * *", "log_asset": "log"},
        {"wait_for_log": {"seconds": 5}},
        {"time_zone": "Europe/Londonn"},
        {"start_date": "January"},
        {"dagrun_timeout_seconds": 0},
    ],
)
def test_bad_settings_are_refused(fields):
    with pytest.raises(ValidationError):
        Settings(**fields)


@pytest.mark.parametrize("waits", [True, False])
def test_a_date_waits_for_the_one_before_if_the_settings_say_so(waits, monkeypatch, tmp_path, data):
    import importlib
    import json
    import os

    fields = json.loads((data / "settings.json").read_text()) | {"depends_on_past": waits}
    (tmp_path / "settings.json").write_text(json.dumps(fields))
    monkeypatch.setitem(os.environ, "SQ_AIRFLOW_SETTINGS", str(tmp_path / "settings.json"))
    module = importlib.reload(importlib.import_module("search_quality"))
    assert {task.depends_on_past for task in module.dag.tasks} == {waits}
