"""A file that does not fit is reported in one sentence with the file, the field, its value and the fix."""

import dataclasses
import json
import re

import pytest

from sq_airflow.images import read_images
from sq_airflow.places import Places
from sq_airflow.run_config import read_run_config
from sq_airflow.settings import read_settings
from sq_airflow.stages import Stages
from sq_airflow.wiring import read_wiring

_LOCKED = {"images": {"sq-report": {"repository": "r/sq-report", "digest": "latest"}}}
_RUN = {"name": "n", "workspace_uri": "s3://w", "markets": [{"market": "uk", "generate": {"query_budget": 5}}]}
_TABLE = [
    # reader, content, sentence
    (read_settings, {"pods": {"namespaces": "sq"}}, "pods.namespaces is not a known field; "),
    (read_settings, {"pods": {"volumes": [{"name": "v"}]}}, "pods.volumes.0.mount_path is missing; "),
    (read_settings, {"stages": {"report": {"poll_interval": "often"}}}, "stages.report.poll_interval is 'often': "),
    (read_settings, {"pods": {"resources": {"memory": "1Gi"}}}, "pods.resources.memory.[key] is 'memory': "),
    (read_settings, {"runtime": "docker"}, "runtime is 'docker': input should be 'kubernetes' or 'process'; "),
    (read_settings, [], "input should be an object; "),
    (read_images, _LOCKED, "images.sq-report.digest is 'latest': string should match pattern '^sha256:"),
    (read_images, {}, "images is missing; use the lock that a release wrote"),
    (read_run_config, _RUN | {"markets": []}, "markets is []: "),
    (read_run_config, _RUN | {"markets": [{"shards": 2}]}, "markets.0.market is missing; render it again"),
    (read_wiring, {"pipeline": {"name": "p", "nodes": []}}, "stages is missing; render it again with //pipeline"),
]


@pytest.mark.parametrize(("read", "content", "sentence"), _TABLE, ids=[row[2] for row in _TABLE])
def test_misfit(read, content, sentence, tmp_path):
    path = tmp_path / "file.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=re.escape(f"{path}: {sentence}")) as error:
        read(path)
    assert "\n" not in str(error.value)


def test_no_json(tmp_path):
    path = tmp_path / "file.json"
    path.write_text("{")
    with pytest.raises(ValueError, match=re.escape(f"{path}: invalid JSON: EOF")):
        read_settings(path)


@pytest.mark.parametrize("change", ["scope", "triggerRule"])
def test_a_word_that_the_wiring_does_not_know(change, tmp_path):
    wiring = json.loads(Places.from_environment().pipeline.read_text(encoding="utf-8"))
    wiring["pipeline"]["nodes"][1][change] = "SOMETIMES"
    path = tmp_path / "pipeline.json"
    path.write_text(json.dumps(wiring))
    with pytest.raises(ValueError, match=r"pipeline\.json: pipeline\.nodes\.1\.\w+ is 'SOMETIMES': "):
        read_wiring(path)


def test_a_stage_changes_only_the_settings_that_it_names(tmp_path):
    path = tmp_path / "settings.json"
    own = {"report": {"namespace": "reports", "volumes": [{"name": "v", "mount_path": "/v"}]}}
    path.write_text(json.dumps({"pods": {"namespace": "sq", "priority_class": "high"}, "stages": own}))
    settings = read_settings(path)
    report = settings.pods_of("report")
    assert (report.namespace, report.priority_class, report.volumes[0].mount_path) == ("reports", "high", "/v")
    assert settings.pods_of("generate") == settings.pods


@pytest.mark.parametrize("name", ["consolidate", "generate", "probe-retrieve", "all-markets", "verdict"])
def test_a_market_with_the_name_of_a_stage_or_task_is_refused(name, data, tmp_path):
    run = json.loads((data / "run.json").read_text())
    run["markets"][0]["market"] = name
    (tmp_path / "run.json").write_text(json.dumps(run))
    places = dataclasses.replace(Places.from_environment(), run_config=tmp_path / "run.json")
    with pytest.raises(ValueError, match=f"run.json: market {name} has the name of a stage or task"):
        Stages.read(places)


@pytest.mark.parametrize("name", ["uk-", "-uk", "UK", "u" * 64, "", "u_k"])
def test_a_market_name_that_makes_no_label_is_refused(name, data, tmp_path):
    run = json.loads((data / "run.json").read_text())
    run["markets"][0]["market"] = name
    (tmp_path / "run.json").write_text(json.dumps(run))
    with pytest.raises(ValueError, match=r"markets\.0\.market is "):
        read_run_config(tmp_path / "run.json")
