"""Which folders of runs sq_retention removes."""

import json
import logging
import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from fakes import context

from sq_airflow import old_runs
from sq_airflow import pin as pin_module
from sq_airflow.old_runs import Run, expired, listed, places_in, remove_run, roots, runs_in
from sq_airflow.pins import Pins
from sq_airflow.places import Places
from sq_airflow.run_folder import run_folder
from sq_airflow.settings import KeepRuns

NOW = datetime(2026, 11, 27, tzinfo=UTC)
ROOT = "s3://sq-runs/search"


def run(name, days, dag_id="search_quality", kept=False, config=None, **params):
    pins = Pins(pipeline={}, run=config or {}, settings={}, dag_id=dag_id, run_id=name, params=params)
    return Run(f"{ROOT}/{run_folder(name)}", pins, NOW - timedelta(days=days), kept)


def removed(runs, days=30, last=1, named=(), active=()):
    found = expired(runs, KeepRuns(days=days, last=last), named, lambda one: one.pins.run_id in active, NOW)
    return [one.pins.run_id for one in found]


def test_old_runs_go_the_oldest_first():
    assert removed([run("new", 1), run("b", 31), run("c", 400)]) == ["c", "b"]


@pytest.mark.parametrize(
    ("days", "fields", "given"),
    [
        (29, {}, {}),
        (99, {}, {"last": 2}),
        (99, {}, {"active": ["x"]}),
        (99, {"kept": True}, {}),
        (99, {}, {"named": [f"{ROOT}/x"]}),
        (99, {}, {"named": [f"{ROOT}/x/uk/report/"]}),
        (99, {"dag_id": "judge_inference"}, {}),  # the newest of its own DAG
    ],
)
def test_a_run_that_stays(days, fields, given):
    assert removed([run("new", 0), run("x", days, **fields), run("xx", 100)], **given) == ["xx"]


def test_the_same_run_goes_without_a_reason_to_stay():
    assert removed([run("new", 0), run("x", 99)], named=[f"{ROOT}/xx", f"{ROOT}", "s3://other/x"]) == ["x"]


def test_what_a_run_that_stays_reads_stays_and_what_that_one_reads():
    runs = [
        run("new", 1, baseline_run="c:1"),
        run("c:1", 50, config={"judge_inference": {"source_uri": f"{ROOT}/b/uk"}}),
        run("b", 60),
        run("a", 70, baseline_run="b"),
    ]
    assert removed(runs) == ["a"]
    assert removed([run("new", 1), *runs[1:]]) == ["a", "b", "c:1"]


def test_places_in_a_document():
    document = {"a": ["s3://b/c", {"d": "/e f/g"}], "h": 1, "i": "words/x", "j": None}
    assert list(places_in(document)) == ["s3://b/c", "file:///e%20f/g"]


@pytest.fixture
def workspace(tmp_path):
    """Two runs, a folder of `sq run`, a history, and a run of a version whose pins do not say whose they are."""
    for name in ("one", "two", "of-sq-run", "history", "unnamed"):
        (tmp_path / name / "uk").mkdir(parents=True)
        (tmp_path / name / "uk/part").write_bytes(b"12345")
    for name in ("one", "two", "unnamed"):
        pins = {"pipeline": {}, "run": {}, "settings": {}}
        pins |= {"dag_id": "search_quality", "run_id": name} if name != "unnamed" else {}
        (tmp_path / name / "pins.json").write_text(json.dumps(pins))
        os.utime(tmp_path / name / "pins.json", (0, 0))
    (tmp_path / "two/keep").touch()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/pins.json").write_text("{")
    return tmp_path


def test_only_folders_with_pins_are_runs(workspace):
    found = list(runs_in(workspace.as_uri(), ""))
    assert [(one.uri.rpartition("/")[2], one.pins.run_id, one.kept) for one in found] == [
        ("one", "one", False),
        ("two", "two", True),
    ]
    assert {one.began for one in found} == {datetime(1970, 1, 1, tzinfo=UTC)}
    assert list(runs_in(f"{workspace.as_uri()}/missing", "")) == []


def test_the_list_has_bytes_and_removing_leaves_the_rest(workspace, caplog):
    caplog.set_level(logging.INFO, old_runs.log.name)
    (one, _) = runs_in(workspace.as_uri(), "")
    count = 5 + (workspace / "one/pins.json").stat().st_size
    assert listed([one], "") == {one.uri: count}
    assert f"To remove: {one.uri}: one of search_quality, began 1970-01-01, {count} bytes" in caplog.messages
    assert f"To remove: 1 runs, {count} bytes" in caplog.messages
    remove_run(one, "")
    assert sorted(path.name for path in workspace.iterdir()) == ["broken", "history", "of-sq-run", "two", "unnamed"]


def test_pins_go_last(workspace, monkeypatch):
    (one, _) = runs_in(workspace.as_uri(), "")

    def interrupted(uri, conn_id):
        raise OSError("lost the store")

    monkeypatch.setattr(old_runs, "remove_folder", interrupted)
    with pytest.raises(OSError, match="lost the store"):
        remove_run(one, "")
    assert [found.uri for found in runs_in(workspace.as_uri(), "")][0] == one.uri


def test_the_task_pin_says_whose_the_run_is_and_what_it_compares_with(tmp_path, monkeypatch):
    places = Places.from_environment()
    config = json.loads(places.run_config.read_text()) | {"workspace_uri": str(tmp_path / "runs")}
    (tmp_path / "run.json").write_text(json.dumps(config))
    made = context("pin", baseline_run="october")
    monkeypatch.setattr(pin_module, "get_current_context", lambda: made)
    pin_module.pin(
        Places(places.pipeline, places.images, tmp_path / "run.json", places.settings)
    )().operator.python_callable()
    (found,) = runs_in((tmp_path / "runs").as_uri(), "")
    assert (found.pins.dag_id, found.pins.run_id) == ("search_quality", made["run_id"])
    assert f"{(tmp_path / 'runs').as_uri()}/october" in found.names


def test_the_roots_are_those_of_all_dags_and_the_configuration_names_runs():
    folders, named = roots(Places.from_environment())
    assert folders == [
        "s3://sq-runs/search",
        "s3://sq-runs/search/judge-training",
        "s3://sq-runs/search/judge-inference",
    ]
    assert "s3://sq-runs/search/november/uk" in named


def test_a_run_of_another_dag_keeps_what_it_reads(tmp_path):
    given = Places.from_environment()
    config = json.loads(given.run_config.read_text()) | {"workspace_uri": str(tmp_path)}
    (tmp_path / "run.json").write_text(json.dumps(config))
    reads = {"source": f"{tmp_path.as_uri()}/read/uk"}
    for folder, dag_id, params in (
        ("new", "search_quality", {}),
        ("read", "search_quality", {}),
        ("old", "search_quality", {}),
        ("judge-inference/newest", "judge_inference", reads),
    ):
        pins = Pins(pipeline={}, run={}, settings={}).of_run(dag_id, folder, params)
        pins.keep(f"{tmp_path.as_uri()}/{folder}", "")
        os.utime(tmp_path / folder / "pins.json", (0, 1 if folder == "new" else 0))
    places = Places(given.pipeline, given.images, tmp_path / "run.json", given.settings)
    ended = SimpleNamespace(get_dr_count=lambda **_: 0)
    found = old_runs.find_expired(places, KeepRuns(days=1, last=1), "", ended)
    assert [one.pins.run_id for one in found] == ["old"]


def test_airflow_is_asked_about_one_run():
    asked = []

    def count(**given):
        asked.append(given)
        return 1

    assert old_runs.is_active(SimpleNamespace(get_dr_count=count), run("x", 1))
    assert asked == [{"dag_id": "search_quality", "run_ids": ["x"], "states": ["queued", "running"]}]
