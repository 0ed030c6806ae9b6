"""A run of the DAG is one trace. The span of each stage, sent from its pod, is below the span of its task."""

from __future__ import annotations

from sq_cluster import places
from sq_cluster.market_runs import DAG, WHOLE
from sq_cluster.pods import await_true
from sq_cluster.runs import Runs
from sq_cluster.world import World
from sq_e2e.checks import Checks


def check_telemetry(checks: Checks, made: World, runs: Runs) -> None:
    """Checks the traces and metrics of the run that market_runs checks."""
    receiver = made.receiver
    tasks = {
        key: item
        for key, item in runs.look(DAG, WHOLE).tasks.items()
        if key[0].partition(".")[2] not in ("", "wait_for_log") or key[0] == "consolidate"
    }
    stages = [
        span for span in receiver.spans if span.about.get("sq.run") == WHOLE and span.name == span.about["sq.stage"]
    ]
    with checks.check("telemetry: each stage of the run sends its span out of its pod"):
        told = sorted((span.name, str(span.about.get("sq.market", "")), str(span.about["sq.try"])) for span in stages)
        assert len(stages) == len(tasks) == len(places.artefacts()), told
        assert {span.attributes["sq.outcome"] for span in stages} == {"done"}
        assert {span.about["sq.try"] for span in stages} == {"1"}
    with checks.check("telemetry: they stand in the trace of the DAG run, each below its task"):
        root = await_true(lambda: [s for s in receiver.spans if _is_run(s)], "Airflow sends the run's span", 60)[0]
        assert {span.trace_id for span in stages} == {root.trace_id}
        known = {span.span_id: span for span in receiver.spans if span.trace_id == root.trace_id}
        for span in stages:
            path = [span]
            while path[-1].parent_id in known:
                path.append(known[path[-1].parent_id])
            assert path[-1] is root, [item.name for item in path]
    with checks.check("telemetry: records, calls and cost are counted"):
        assert receiver.total("sq.records", sq__run=WHOLE, sq__stage="consolidate") == 1
        asked = receiver.total("sq.calls", sq__run=WHOLE, sq__stage="evaluate", sq__market="de", sq__paid=True)
        assert asked > 0
        assert receiver.total("sq.calls", sq__run=WHOLE, sq__stage="retrieve", sq__market="uk") > 0


def _is_run(span) -> bool:
    return span.name == f"dag_run.{DAG}" and span.attributes.get("airflow.dag_run.run_id") == WHOLE
