"""judge_training and judge_inference: their graphs, parameters, policies and where tasks share what they make."""

import copy
import json
import re

import pytest
from fakes import RUN, context

from sq_airflow.places import Places
from sq_airflow.pod_factory import operator_arguments
from sq_airflow.run_files import RunFiles
from sq_airflow.settings import Settings

GRAPHS = {
    "judge_training": {
        "pin -> load_data",
        "load_data -> validate",
        "load_data -> train",
        "validate -> train",
        "load_data -> evaluate",
        "validate -> evaluate",
        "train -> evaluate",
        "train -> register",
        "evaluate -> register",
        "evaluate -> promote",
        "register -> promote",
        "promote -> announce",
    },
    "judge_inference": {
        "pin -> load_data",
        "pin -> load_model",
        "load_data -> predict",
        "load_model -> predict",
        "predict -> store",
        "store -> cleanup",
        "cleanup -> verdict",
    },
}


def files(wiring, **settings):
    made = RunFiles.read(Places.from_environment().wired(wiring))
    fields = made.settings.model_dump(exclude_unset=True) | settings
    return RunFiles(made.wiring, made.run, Settings.model_validate(fields), made.images)


def task_of(made, node):
    return made.stage_task(made.wiring.node(node), None)


@pytest.mark.parametrize("dag_id", GRAPHS)
def test_edges(dags, dag_id):
    tasks = dags.dags[dag_id].tasks
    assert {f"{task.task_id} -> {after}" for task in tasks for after in task.downstream_task_ids} == GRAPHS[dag_id]


def test_trigger_rules(dags):
    rules = {task.task_id: task.trigger_rule for task in dags.dags["judge_inference"].tasks}
    assert rules.pop("cleanup") == rules.pop("verdict") == "all_done"
    assert set(rules.values()) == {"all_success"}
    assert dags.dags["judge_training"].get_task("announce").trigger_rule == "none_failed"


def test_every_task_takes_its_pins(dags):
    for dag_id in GRAPHS:
        assert all(task.pinned for task in dags.dags[dag_id].tasks if hasattr(task, "pinned"))


def test_runs_go_side_by_side_in_folders_of_their_own(dags):
    for dag_id in GRAPHS:
        assert dags.dags[dag_id].max_active_runs == 5
    training, inference = (task_of(files(name), "load-data") for name in ("judge-training", "judge-inference"))
    assert training.output("r-1", "") == "s3://sq-runs/search/judge-training/r-1/all-markets/load-data"
    assert inference.output("r-1", "") == "s3://sq-runs/search/judge-inference/r-1/all-markets/load-data"


def test_only_training_gets_the_pool_the_key_and_graphics_cards(dags):
    tasks = {task.task_id: task for task in dags.dags["judge_training"].tasks if hasattr(task, "stage")}
    train = tasks.pop("train")
    assert train.node_selector == {"sq/pool": "training"}
    assert train.tolerations[0].value == "training"
    assert (train.image_pull_policy, train.startup_timeout_seconds) == ("Always", 900)
    assert "/keys/model.key" in {mount.mount_path for mount in train.volume_mounts}
    assert train.gpus_param == "gpus"
    for task in [*tasks.values(), *(task for task in dags.dags["judge_inference"].tasks if hasattr(task, "stage"))]:
        assert task.node_selector == {"sq/pool": "stages"}, task.task_id
        assert "/keys/model.key" not in {mount.mount_path for mount in task.volume_mounts}, task.task_id
        assert not task.gpus_param, task.task_id
        assert task.on_finish_action == "delete_succeeded_pod"


def test_a_run_may_ask_for_graphics_cards(dags):
    train = copy.copy(dags.dags["judge_training"].get_task("train"))
    train._take_gpus({"params": {"gpus": 0}})
    assert "nvidia.com/gpu" not in train.container_resources.limits
    train._take_gpus({"params": {"gpus": 2}})
    assert train.container_resources.limits["nvidia.com/gpu"] == "2"
    assert train.container_resources.requests["nvidia.com/gpu"] == "2"


def test_the_cluster_says_what_a_graphics_card_is_called(dags):
    train = copy.copy(dags.dags["judge_training"].get_task("train"))
    train.pods = train.pods.model_copy(update={"gpu_resource": "amd.com/gpu"})
    train._take_gpus({"params": {"gpus": 1}})
    assert train.container_resources.limits["amd.com/gpu"] == "1"
    assert "nvidia.com/gpu" not in train.container_resources.limits


def test_no_other_dag_offers_graphics_cards(dags):
    assert {dag_id for dag_id, dag in dags.dags.items() if "gpus" in dag.params} == {"judge_training"}


def test_a_moving_tag_is_of_the_stage_that_names_it():
    made = files("judge-training")
    fit = made.settings.stages["fit"].model_copy(update={"moving_tag": "nightly"})
    stages = dict(made.settings.stages) | {"fit": fit}
    found = files("judge-training", stages={name: pods.model_dump(exclude_unset=True) for name, pods in stages.items()})
    images = {node.name: operator_of(found, node.name) for node in found.wiring.run_nodes}
    assert images.pop("train") == ("sq-train:nightly", "Always")
    assert all("@sha256:" in image and policy == "IfNotPresent" for image, policy in images.values())


def operator_of(made, node):
    """The image of a node's pod, without its registry, and how it is pulled."""
    contract = task_of(made, node).contract
    pods = made.pods(contract)
    found = operator_arguments(contract, pods["image"], "", pods["pods"])
    return found["image"].rpartition("/")[2], found["image_pull_policy"]


def test_the_programs_are_those_of_the_contracts_in_two_images(dags):
    found = {
        (task.image.rpartition("/")[2].partition("@")[0], task.cmds[0])
        for dag_id in GRAPHS
        for task in dags.dags[dag_id].tasks
        if hasattr(task, "stage")
    }
    train = {("sq-train", f"sq-{name}") for name in ("validate", "fit", "compare", "register", "promote")}
    names = ("load-data", "load-model", "predict-loaded", "store", "cleanup")
    assert found == {("sq-generate", "sq-generate")} | train | {("sq-predict", f"sq-{name}") for name in names}


@pytest.mark.parametrize("wiring", ["judge-training", "judge-inference"])
def test_tasks_may_share_a_claim(wiring):
    made = files(wiring, shared_claims={wiring: "sq-models"})
    for node in made.wiring.run_nodes:
        task = task_of(made, node.name)
        assert task.output(RUN, "") == f"file:///sq-shared/{wiring}/{RUN}/all-markets/{node.name}"
        assert task.on_claim
        (volume,) = [item for item in made.pods(task.contract)["pods"].volumes if item.name == "shared"]
        assert (volume.claim, volume.mount_path, volume.read_only) == ("sq-models", "/sq-shared", False)
    assert made.records == f"s3://sq-runs/search/{wiring}"  # Airflow cannot write to the claim
    other = files("pipeline", shared_claims={wiring: "sq-models"})
    assert other.workspace == "s3://sq-runs/search"
    assert not other.claim


def config_of(node, **params):
    made = files("judge-training" if node in ("load-data", "validate", "train") else "judge-inference")
    flags = task_of(made, node).arguments(RUN, "", params, [], "file:///out")
    return json.loads(flags[flags.index("--config") + 1])


def test_a_run_may_change_labels_and_seed():
    assert config_of("load-data")["fixed"] == {"uri": "s3://lake/labels.csv"}
    assert config_of("load-data", labels="s3://lake/new.csv")["fixed"] == {"uri": "s3://lake/new.csv"}
    changed = config_of("train", labels="s3://lake/new.csv", seed=7)
    assert changed["labels"] == {"uri": "s3://lake/new.csv", "scale_max": 3}
    assert changed["seed"] == "7"
    assert "queries" not in changed
    assert "seed" not in config_of("validate")


def test_a_run_may_choose_model_and_source():
    assert config_of("store") == {
        "model_uri": "s3://lake/models/judge@production",
        "source_uri": "s3://sq-runs/search/november/uk",
        "store_uri": "s3://lake/judgments",
    }
    changed = config_of("predict", model="s3://lake/models/judge@v1", source="s3://sq-runs/search/december/de")
    assert changed["model_uri"] == "s3://lake/models/judge@v1"
    assert changed["source_uri"] == "s3://sq-runs/search/december/de"


@pytest.mark.parametrize(
    ("dag_id", "params", "complaint"),
    [
        ("judge_training", {"labels": "s3://lake/l.csv", "seed": 3, "gpus": 1, "log_level": "DEBUG"}, None),
        ("judge_training", {"gpus": -1}, "minimum|not valid"),
        ("judge_training", {"gpus": "all"}, "is not of type"),
        ("judge_training", {"seed": 1.5}, "is not of type"),
        ("judge_training", {"labels": "labels.csv"}, "does not match|not valid"),
        ("judge_training", {"log_level": "LOUD"}, "is not one of"),
        ("judge_inference", {"model": "s3://lake/models/judge@v1", "source": "s3://runs/november/uk"}, None),
        ("judge_inference", {"model": "s3://lake/models/judge"}, "does not match|not valid"),
        ("judge_inference", {"model": "judge@v1"}, "does not match|not valid"),
        ("judge_inference", {"source": "november"}, "does not match|not valid"),
    ],
)
def test_params_are_checked(dags, dag_id, params, complaint):
    from airflow.sdk.exceptions import ParamValidationError

    given = copy.deepcopy(dags.dags[dag_id].params)
    try:
        for name, value in params.items():
            given[name] = value
        given.validate()
    except ParamValidationError as error:
        assert complaint, error
        assert re.search(complaint, str(error)), error
    else:
        assert complaint is None


@pytest.mark.parametrize("dag_id", GRAPHS)
def test_the_trigger_form_shows_each_parameter(dags, dag_id):
    for name in dags.dags[dag_id].params:
        param = dags.dags[dag_id].params.get_param(name)
        assert param.schema["title"]
        assert param.description.endswith(".")


def test_a_parameter_that_the_dag_does_not_have_is_refused(dags):
    from airflow.sdk.exceptions import AirflowFailException

    from sq_airflow.stage_run import StageRun

    made = context("train", conf={"gpu": 1})
    made["dag"] = dags.dags["judge_training"]
    with pytest.raises(AirflowFailException, match=r"unknown parameter gpu; did you mean gpus\?[\s\S]*runbook"):
        StageRun.of(made, task_of(files("judge-training"), "load-data"), "", "")


def test_without_the_configuration_there_is_no_dag(data, tmp_path, monkeypatch):
    import importlib

    import judge_inference
    import judge_training

    run = json.loads((data / "run.json").read_text(encoding="utf-8"))
    (tmp_path / "run.json").write_text(json.dumps({k: v for k, v in run.items() if not k.startswith("judge_")}))
    monkeypatch.setenv("SQ_RUN_CONFIG", str(tmp_path / "run.json"))
    for module in (judge_training, judge_inference):
        vars(module).pop("dag", None)
        importlib.reload(module)
        assert not hasattr(module, "dag")


def test_a_training_without_its_key_says_which_setting_is_missing():
    from sq_airflow.stages import Stages

    made = files("judge-training")
    pods = made.settings.pods.model_copy(update={"secrets": {}})
    stages = Stages(made.wiring, made.run, made.settings.model_copy(update={"pods": pods}), made.images)
    with pytest.raises(ValueError, match="fit requires SQ_MODEL_KEY; give it as name/key"):
        stages.task(stages.wiring.node("train"))
