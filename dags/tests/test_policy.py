"""The policy of every DAG and task: schedule, owner, retries, time limits, pools, mails, parameters."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sq_airflow.stage_pool import pool_of

SCHEDULES = {
    "search_quality": "0 4 * * 1",
    "sq_maintenance": "17 * * * *",
    "sq_retention": None,
    "judge_training": "0 5 * * 0",
    "judge_inference": None,
    "example_mixed_tasks": None,
    "example_release_gate": None,
}
# The stages' contracts in pipeline.json: attempts, seconds before the first retry, most seconds before a retry, hours.
STAGES = {
    "generate": (4, 30, 600, 4),
    "retrieve": (5, 30, 600, 2),
    "evaluate": (5, 30, 600, 6),
    "ner_diff": (3, 10, 120, 1),
    "report": (3, 10, 120, 1),
    "consolidate": (3, 10, 120, 1),
}


@pytest.fixture(params=sorted(SCHEDULES))
def dag(request, dags):
    return dags.dags[request.param]


def every_task(dags):
    return [task for dag in dags.dags.values() for task in dag.tasks]


def test_schedule(dag):
    expression = getattr(dag.timetable, "expression", None) or getattr(dag.timetable, "_expression", None)
    assert expression == SCHEDULES[dag.dag_id]


def test_the_gate_starts_with_a_report(dags):
    (asset,) = dags.dags["example_release_gate"].timetable.asset_condition.objects
    assert asset.name == "search_quality_report"


def test_without_a_setting_nothing_is_scheduled(search_quality):
    from sq_airflow.settings import Settings

    assert Settings().schedule == ""


def test_no_catchup_and_a_fixed_start_date(dag):
    assert dag.catchup is False
    assert dag.start_date == datetime(2026, 1, 1, tzinfo=UTC)


def test_max_active_runs(dags):
    assert dags.dags["search_quality"].max_active_runs == 5
    assert dags.dags["search_quality"].dagrun_timeout is None
    assert dags.dags["sq_maintenance"].max_active_runs == 1


def test_no_run_waits_for_the_one_before(dags):
    """Dates can be backfilled in any order, and a failed run does not stop later runs."""
    for task in every_task(dags):
        assert task.depends_on_past is False, task.task_id
        assert task.wait_for_downstream is False, task.task_id


def test_owner(dags):
    assert {task.owner for task in every_task(dags)} == {"search"}


def test_tags(dag):
    assert "sq" in dag.tags
    assert len(dag.tags) == 2


def test_docs_are_shown(dag, dags):
    assert dag.description
    assert len(dag.doc_md) > 80
    for task in every_task(dags):
        if "Stage" in task.task_type:
            assert task.doc_md.startswith("**")
            assert "sha256:" in task.doc_md


def test_every_task_has_a_time_limit(dags):
    for task in every_task(dags):
        assert task.execution_timeout, task.task_id
        assert timedelta(0) < task.execution_timeout < timedelta(hours=12), task.task_id


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_has_the_retries_of_its_contract(stage, search_quality):
    tries, first, most, hours = STAGES[stage]
    task = search_quality.get_task(stage if stage == "consolidate" else f"uk.{stage}")
    assert task.retries == tries - 1
    assert task.retry_delay == timedelta(seconds=first)
    assert task.max_retry_delay == timedelta(seconds=most)
    assert task.retry_exponential_backoff == 2.0
    assert timedelta(hours=hours) < task.execution_timeout < timedelta(hours=hours + 2)


def test_the_first_task_keeps_the_versions(search_quality):
    assert {task.task_id for task in search_quality.roots} == {"pin"}
    assert all(task.pinned for task in search_quality.tasks if hasattr(task, "pinned"))


def test_other_tasks_have_retries(dags):
    """Except verdict and gate: a retry cannot change them."""
    for task in every_task(dags):
        assert task.retries >= (0 if task.task_id in ("verdict", "gate") else 1), task.task_id


def test_time_limits_of_a_pod(search_quality):
    task = search_quality.get_task("uk.generate")
    assert task.startup_timeout_seconds == 600
    assert task.schedule_timeout_seconds == 3600
    assert task.active_deadline_seconds == 4 * 3600


def test_pools(dags, search_quality):
    pools = {task.task_id: task.pool for task in search_quality.tasks}
    assert {name for name, pool in pools.items() if pool == "sq_llm"} == {
        f"{market}.{stage}" for market in ("uk", "de") for stage in ("evaluate", "probe_evaluate")
    }
    assert {name for name, pool in pools.items() if pool == "sq_search"} == {
        f"{market}.{stage}" for market in ("uk", "de") for stage in ("retrieve", "probe_retrieve")
    }
    assert dags.dags["example_mixed_tasks"].get_task("generate").pool == "default_pool"


@pytest.mark.parametrize(
    ("node", "config", "judges", "pool"),
    [
        ("evaluate", {"baseline": {}}, {}, "default_pool"),
        ("evaluate", {"openai": {}}, {}, "sq_llm"),
        ("evaluate", {"cascade": {"first": {"baseline": {}}, "then": {"openai": {}}}}, {}, "sq_llm"),
        ("evaluate", {"baseline": {}}, {"large": {"openai": {}}}, "sq_llm"),  # a run may choose it
        ("generate", {"translation": {"openai": {}}}, {}, "sq_llm"),
        ("generate", {"translation": {"glossary": {}}}, {"large": {"openai": {}}}, "default_pool"),
        ("diagnose", {"vocabulary": {}}, {}, "sq_llm"),
        ("diagnose", {}, {}, "default_pool"),
        ("retrieve", {}, {}, "sq_search"),
    ],
)
def test_a_task_that_can_ask_no_model_does_not_wait_for_those_that_do(search_quality, node, config, judges, pool):
    task = search_quality.get_task(f"uk.{node}")
    stage = (task.unmap({"shard": "0/2"}) if task.is_mapped else task).stage
    assert pool_of(replace(stage, config=config, judges=judges)) == pool


def test_later_stages_of_a_run_come_first(search_quality):
    """A market finishes before another begins."""
    order = ["uk.generate", "uk.retrieve", "uk.evaluate", "uk.report", "consolidate"]
    weights = [search_quality.get_task(name).priority_weight for name in order]
    assert weights == sorted(set(weights))
    for name in order:
        assert "absolute" in str(search_quality.get_task(name).weight_rule).lower()


def test_failures_and_retries_are_mailed(dags):
    for task in every_task(dags):
        for callbacks in (task.on_failure_callback, task.on_retry_callback):
            assert [type(item).__name__ for item in callbacks] == ["SmtpNotifier"], task.task_id


PARAMS = {
    "markets": ("array", None),
    "from": ("string", None),
    "to": ("string", None),
    "query_budget": ("integer", (1, 1000000)),
    "top_k": ("integer", (1, 1000)),
    "judge": ("string", None),
    "max_usd": ("number", (0, None)),
    "max_calls": ("integer", (0, None)),
    "baseline_run": ("string", None),
    "log_level": ("string", None),
}


@pytest.mark.parametrize("dag_id", ["search_quality", "example_mixed_tasks"])
@pytest.mark.parametrize("name", PARAMS)
def test_the_trigger_form_shows_and_bounds_each_parameter(dags, dag_id, name):
    kind, bounds = PARAMS[name]
    param = dags.dags[dag_id].params.get_param(name)
    schema = param.schema
    assert schema["title"]
    assert param.description.endswith(".")
    assert kind in ([schema["type"]] if isinstance(schema["type"], str) else schema["type"])
    if bounds:
        assert (schema.get("minimum"), schema.get("maximum")) == bounds


def test_there_are_no_other_parameters(search_quality):
    assert set(search_quality.params) == set(PARAMS)
