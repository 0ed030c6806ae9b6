"""Every DAG parses in a bare Airflow, and has the expected graph, images, pools and parameters."""

import copy
import importlib
import json
import re
from datetime import timedelta

import pytest

_OURS = (
    "sq.v1.handoff_pb2",
    "sq_handoff",
    "sq_stagekit",
    "sq_generate",
    "sq_evaluate",
    "sq_report",
    "sq_cli",
)


def test_every_dag_parses(dags):
    assert dags.import_errors == {}
    assert set(dags.dags) == {
        "search_quality",
        "judge_training",
        "judge_inference",
        "sq_maintenance",
        "sq_retention",
        "example_mixed_tasks",
        "example_release_gate",
    }


@pytest.mark.parametrize("package", _OURS)
def test_no_stage_is_importable(package):
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(package)


def test_edges(search_quality, nodes):
    """The whole graph: the wiring in each market, and what follows the run's report."""
    places = {node["name"]: node["task"] for node in nodes}
    wired = {
        f"{places[edge['from']]} -> {node['task']}".format(market=market)
        for node in nodes
        for edge in node.get("inputs", [])
        for market in ("uk", "de")
    }
    edges = {f"{task.task_id} -> {after}" for task in search_quality.tasks for after in task.downstream_task_ids}
    assert "uk.report -> consolidate" in edges
    assert edges == wired | {
        "pin -> uk.generate",
        "pin -> de.generate",
        "consolidate -> announce",
        "announce -> clean_scratch",
        "clean_scratch -> verdict",
    }


def _stage_tasks(dags):
    return [(dag, task) for dag in dags.dags.values() for task in dag.tasks if "Stage" in task.task_type]


def test_every_task_has_an_owner(dags):
    for dag in dags.dags.values():
        for task in dag.tasks:
            assert task.owner == "search", task.task_id


def test_every_stage_task_keeps_the_policy(dags, nodes):
    found = _stage_tasks(dags)
    tasks = {node["task"].format(market=market) for node in nodes for market in ("uk", "de")}
    assert {task.task_id for dag, task in found if dag.dag_id == "search_quality"} == tasks
    of_models = [task for dag, task in found if dag.dag_id.startswith("judge_")]
    assert len(of_models) == 11
    assert len(found) == len(tasks) + len(of_models) + 1  # one in the example
    for _, task in found:
        assert 1 <= task.retries <= 4
        assert task.retry_exponential_backoff == 2.0
        assert timedelta(seconds=10) <= task.retry_delay <= task.max_retry_delay
        assert timedelta(0) < task.execution_timeout < timedelta(hours=12)
        assert task.on_failure_callback
        assert task.on_retry_callback
        assert task.doc_md


def test_every_image_is_a_digest(dags):
    for _, task in _stage_tasks(dags):
        made = task if not task.is_mapped else task.unmap({"shard": "0/2"})
        assert re.fullmatch(r"registry\.example\.com/search/sq-[a-z-]+@sha256:[0-9a-f]{64}", made.image)
        assert made.container_resources.requests["memory"]
        assert made.container_resources.limits["memory"]
        assert made.container_resources.requests["cpu"]


def test_paid_and_shared_services_have_their_pools(search_quality):
    pools = {task.task_id: task.pool for task in search_quality.tasks}
    assert pools["uk.evaluate"] == "sq_llm"
    assert pools["uk.retrieve"] == "sq_search"
    assert pools["uk.generate"] == "default_pool"  # it translates with no model
    assert pools["uk.report"] == pools["consolidate"] == "default_pool"


def test_later_stages_come_first(search_quality):
    weight = {task.task_id: task.priority_weight for task in search_quality.tasks}
    assert weight["uk.generate"] < weight["uk.retrieve"] < weight["uk.evaluate"] < weight["uk.report"]


def test_a_failed_market_holds_up_no_other(search_quality):
    assert search_quality.get_task("consolidate").trigger_rule == "all_done"
    assert search_quality.get_task("verdict").trigger_rule == "all_done"


def test_a_finished_report_updates_its_asset(search_quality):
    assert [asset.name for asset in search_quality.get_task("announce").outlets] == ["search_quality_report"]


def test_dags_survive_airflow_s_database(dags):
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in dags.dags.values():
        stored = json.loads(json.dumps(DagSerialization.to_dict(dag)))
        again = DagSerialization.from_dict(stored)
        assert set(again.task_dict) == set(dag.task_dict)


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({}, None),
        ({"markets": ["uk"]}, None),
        ({"query_budget": 50, "top_k": 20, "judge": "baseline", "max_usd": 1.5, "log_level": "DEBUG"}, None),
        ({"judge": "large model"}, None),
        ({"baseline_run": "manual__2026-11-01T00:00:00+00:00"}, None),
        ({"baseline_run": "tilde~run"}, None),
        ({"from": "2026-01-05", "to": "2026-01-12"}, None),
        ({"from": "2026-01-05T04:00+01:00"}, None),
        ({"from": "5 January"}, "does not match|not valid"),
        ({"markets": []}, "too short|non-empty"),
        ({"markets": ["fr"]}, "is not one of"),
        ({"markets": ["uk", "uk"]}, "non-unique"),
        ({"query_budget": 0}, "minimum|not valid"),
        ({"query_budget": "many"}, "is not of type"),
        ({"top_k": 1001}, "maximum|not valid"),
        ({"judge": "my cousin"}, "is not one of"),
        ({"max_usd": -1}, "minimum|not valid"),
        ({"log_level": "LOUD"}, "is not one of"),
        ({"baseline_run": "../.."}, "does not match|not valid"),
    ],
)
def test_params_are_checked(search_quality, params, complaint):
    from airflow.sdk.exceptions import ParamValidationError

    given = copy.deepcopy(search_quality.params)
    try:
        for name, value in params.items():
            given[name] = value
        given.validate()
    except ParamValidationError as error:
        assert complaint, error
        assert re.search(complaint, str(error)), error
    else:
        assert complaint is None
