"""A run uses the lock, configuration, settings and wiring that it was started with."""

import dataclasses
import json
from types import SimpleNamespace

import pytest
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from fakes import RUN, context

from sq_airflow import pin as pin_module
from sq_airflow.pinned import pinned_files
from sq_airflow.pins import Pins, PinsError, find
from sq_airflow.places import Places


@pytest.fixture
def places(tmp_path):
    """A site's files; its runs are in a folder beside them."""
    given = Places.from_environment()
    for field, path in vars(given).items():
        (tmp_path / f"{field}.json").write_bytes(path.read_bytes())
    made = dataclasses.replace(given, **{field: tmp_path / f"{field}.json" for field in vars(given)})
    edit(made.run_config, lambda run: run | {"workspace_uri": str(tmp_path / "runs")})
    edit(made.settings, lambda settings: settings | {"storage_conn_id": ""})
    return made


def edit(path, change):
    path.write_text(json.dumps(change(json.loads(path.read_text()))))


def deploy(places):
    """What people do while a run is going: another release, other limits, another depth."""

    def release(lock):
        for image in lock["images"].values():
            image |= {"digest": f"sha256:{'0' * 64}", "version": "2.0.0"}
        return lock

    edit(places.images, release)
    edit(places.settings, lambda settings: settings | {"pods": {"resources": {"memory_limit": "8Mi"}}, "stages": {}})
    edit(places.run_config, lambda run: run | {"markets": [m | {"retrieve": {"top_k": 99}} for m in run["markets"]]})


@pytest.fixture
def start(places, monkeypatch):
    """Runs the task `pin`; returns what it leaves."""

    def start(**run):
        made = context("pin", **run)
        monkeypatch.setattr(pin_module, "get_current_context", lambda: made)
        return pin_module.pin(places)().operator.python_callable()

    return start


@pytest.fixture
def retrieve(search_quality, monkeypatch):
    """Starts uk's retrieve with what `pin` left. Returns the operator as it makes its pod."""
    monkeypatch.setattr(KubernetesPodOperator, "execute", lambda self, context: None)

    def retrieve(ref):
        task = search_quality.get_task("uk.retrieve").unmap({"shard": "0/2"})
        handoff = {
            "stage": "generate",
            "runId": RUN,
            "market": "uk",
            "uri": "file:///q",
            "digest": f"sha256:{'a' * 64}",
        }
        handoffs = {("pin", -1): ref, ("uk.generate", -1): handoff | {"messageType": "m", "records": "1"}}
        with pytest.raises(AirflowException, match="the handoff is missing"):
            task.execute(context("uk.retrieve", handoffs))
        return task

    return retrieve


def facts(task):
    config = json.loads(task.arguments[task.arguments.index("--config") + 1])
    return task.image, task.sidecar_image.reference, task.container_resources.limits, config, task.arguments


def test_an_edit_changes_only_later_runs(places, start, retrieve):
    ref = start()
    before = facts(retrieve(ref))
    deploy(places)
    assert facts(retrieve(ref)) == before
    (places.run_config.parent / "runs" / RUN).rename(places.run_config.parent / "runs/earlier")
    image, sidecar, limits, config, _ = facts(retrieve(start()))
    assert image.endswith("0" * 64)
    assert sidecar.endswith("0" * 64)
    assert limits["memory"] == "8Mi"
    assert config["top_k"] == 99


def test_a_cleared_run_keeps_its_own_pins(places, start):
    ref = start()
    deploy(places)
    assert start() == ref


def test_the_pinned_pod_is_the_one_that_the_dag_file_describes(search_quality, start, retrieve):
    """Where nothing was edited, pins change nothing of the pod but the workspace."""
    parsed = search_quality.get_task("uk.retrieve").unmap({"shard": "0/2"})
    task = retrieve(start())
    for name in (
        "image",
        "container_resources",
        "node_selector",
        "tolerations",
        "volumes",
        "secrets",
        "on_finish_action",
    ):
        assert str(getattr(task, name)) == str(getattr(parsed, name)), name


def test_the_versions_are_told(start):
    versions = start()["versions"]
    assert versions["sq-retrieve"] == "1.4.0"
    assert {"pipeline.json", "run.json", "settings.json", "images.lock.json"} < set(versions)
    assert len(json.dumps(start())) < 4096


def test_the_version_of_the_dag_bundle_is_one_of_them(places):
    assert Pins.read(places, images=True, bundle_version="4f1c").versions["dags"] == "4f1c"


def test_nothing_is_kept_for_a_run_that_is_refused(places, start):
    with pytest.raises(AirflowFailException, match="unknown parameter query_budgt"):
        start(conf={"query_budgt": 5})
    log = {"log": {"uri": ["s3://lake/dt={date}/"]}}
    edit(places.run_config, lambda run: run | {"markets": [m | {"generate": log} for m in run["markets"]]})
    with pytest.raises(AirflowFailException, match="this run has none"):
        start()
    assert not (places.run_config.parent / "runs").exists()


def test_days_that_no_log_follows_are_refused(start):
    with pytest.raises(AirflowFailException, match="from: changes nothing, because all logs have a fixed window"):
        start(**{"from": "2026-01-05", "to": "2026-01-06"})


def test_days_of_an_asset_s_event_may_change_nothing(start):
    """The same asset may start runs over a fixed list of queries."""
    start(run_type="asset_triggered", events={"log": [SimpleNamespace(extra={"date": "2026-01-05"})]})


def _changed(ref, folder):
    (folder / RUN / "pins.json").write_text("{}")
    return ref


def _gone(ref, folder):
    (folder / RUN / "pins.json").unlink()
    return ref


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda ref, folder: None, "the task pin left nothing; clear it, or start a new run"),
        (lambda ref, folder: {"uri": "x"}, "the task pin left no reference to the pins: digest is missing"),
        (_changed, "pins.json was changed: its digest is sha256:44136fa"),
        (_gone, "pins.json is gone; clear the task pin to take the versions of now"),
    ],
)
def test_pins_that_cannot_be_used_are_told(places, start, spoil, sentence):
    value = spoil(start(), places.run_config.parent / "runs")
    made = context("uk.generate", {("pin", -1): value})
    with pytest.raises(AirflowFailException, match=sentence) as caught:
        pinned_files(made, "generate of uk", "")
    assert "docs/runbook.md#pins" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda pins: pins["run"]["markets"][0].update(shards=3), "it has 3 shards of uk, and the DAG has 2"),
        (lambda pins: pins["pipeline"]["pipeline"]["nodes"].pop(1), "its pipeline has no retrieve; start a new run"),
        (
            lambda pins: pins["settings"].update(pods={"namespaces": "sq"}),
            "pods.namespaces is not a known field; another",
        ),
    ],
)
def test_a_run_that_the_dag_has_outgrown_says_so(places, search_quality, change, sentence):
    pins = json.loads(Pins.read(places, images=True).model_dump_json())
    change(pins)
    ref = Pins.model_validate(pins).keep((places.run_config.parent / "runs/r-1").as_uri(), "")
    task = search_quality.get_task("uk.retrieve").unmap({"shard": "0/2"})
    with pytest.raises(AirflowFailException, match=sentence) as caught:
        task.execute(context("uk.retrieve", {("pin", -1): ref.model_dump(mode="json")}))
    assert "docs/runbook.md#pins" in str(caught.value)


def test_a_market_that_the_run_began_without_is_skipped(places, search_quality):
    """A deploy that adds a market adds its tasks to the runs that are going."""
    pins = json.loads(Pins.read(places, images=True).model_dump_json())
    pins["run"]["markets"].pop(0)
    ref = Pins.model_validate(pins).keep((places.run_config.parent / "runs/r-1").as_uri(), "")
    with pytest.raises(AirflowSkipException, match="the run began without the market uk"):
        search_quality.get_task("uk.generate").execute(
            context("uk.generate", {("pin", -1): ref.model_dump(mode="json")})
        )


def test_pins_of_another_version_are_refused(tmp_path):
    (tmp_path / "pins.json").write_text('{"run": {}, "later": 1}')
    with pytest.raises(PinsError, match="was written by another version"):
        find(tmp_path.as_uri(), "")
    assert find((tmp_path / "none").as_uri(), "") is None
