"""judge_training and judge_inference by dag.test(), with their stages as processes."""

import json
import re

import mouse_shop
import pytest
import yaml
from airflow_process import airflow, programs, run_dag, small_sample, stages_environment


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The folder and the environment of an Airflow with labels and an empty bucket."""
    folder = tmp_path_factory.mktemp("home")
    settings = {"runtime": "process", "storage_conn_id": "", "retry_seconds": 0}
    (folder / "settings.json").write_text(json.dumps(settings))
    right = mouse_shop.coloured_labels()
    mouse_shop.write_labels(folder / "labels.csv", right)
    mouse_shop.write_labels(folder / "one-class.csv", mouse_shop.of_one_class(right))
    mouse_shop.write_catalogue(folder / "products.ndjson")
    (folder / "programs").mkdir()
    environment = stages_environment(folder / "runs", "http://127.0.0.1:9")
    environment |= {"SQ_PROGRAMS": str(programs(folder / "programs")), "SQ_KEYS": str(folder / "keys")}
    config = small_sample(folder, 5)
    models = {
        "judge_training": {
            "model": "bucket/judge",
            "labels": {"uri": "labels.csv", "scale_max": 3},
            "catalogue": {"uri": "products.ndjson"},
            "held_out_share": 0.4,
        },
        "judge_inference": {"model": "bucket/judge@production", "source_uri": "runs/none/uk", "store_uri": "stored"},
    }
    config.write_text(config.read_text(encoding="utf-8") + yaml.safe_dump(models), encoding="utf-8")
    return folder, airflow(folder, config, environment)


def states(done):
    return json.loads(done.stdout.splitlines()[-1])


def test_a_judge_is_promoted_once_and_not_again(home):
    folder, environment = home
    first = run_dag("judge_training", environment)
    assert first.returncode == 0, first.stdout[-4000:] + first.stderr[-4000:]
    assert set(states(first).values()) == {"success"}
    again = run_dag("judge_training", environment)
    assert again.returncode == 0, again.stdout[-4000:] + again.stderr[-4000:]
    found = states(again)
    assert found.pop("promote") == "skipped"
    assert set(found.values()) == {"success"}
    assert re.search(r"is not promoted: the candidate is what is in production", again.stdout + again.stderr)
    assert len(list((folder / "bucket/judge/_production").iterdir())) == 1


def test_labels_of_one_class_end_the_run_before_training(home):
    folder, environment = home
    done = run_dag("judge_training", environment, {"labels": (folder / "one-class.csv").as_uri()})
    assert done.returncode == 1
    found = states(done)
    assert (found["validate"], found["train"]) == ("failed", "upstream_failed")
    text = done.stdout + done.stderr
    assert "there is nothing to tell apart" in text
    assert "see docs/runbook.md#bad-input" in text


def test_without_a_model_nothing_is_run_and_the_run_is_red(home):
    folder, environment = home
    done = run_dag("judge_inference", environment, {"model": f"{folder}/bucket/absent@v1"})
    assert done.returncode == 1
    found = states(done)
    assert found["load_model"] == "failed"
    assert found["predict"] == found["store"] == "upstream_failed"
    assert (found["cleanup"], found["verdict"]) == ("success", "failed")
    assert "absent@v1 is not registered" in done.stdout + done.stderr
