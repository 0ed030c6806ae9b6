"""Checks of every parameter of a pod, in the cluster."""

from __future__ import annotations

import json
from importlib import metadata

from sq_cluster.parameter_checks import PARAMETERS
from sq_cluster.pods import await_no_pods, facts, pod_of, pods
from sq_cluster.runs import Outcome, Runs
from sq_cluster.whole_pod import DAG, RUN, Whole
from sq_cluster.world import HOST, World
from sq_e2e.checks import Checks


def start_parameters(made: World, runs: Runs) -> None:
    """Adds a graphics card to the node, as an extended resource, and starts the run."""
    patch = [{"op": "add", "path": "/status/capacity/nvidia.com~1gpu", "value": "1"}]
    made.kubectl("patch", "node", "node1", "--subresource=status", "--type=json", "-p", json.dumps(patch))
    runs.await_dag(DAG)
    runs.start(DAG, RUN)


def check_parameters(checks: Checks, made: World, runs: Runs) -> None:
    outcome = runs.finish(DAG, RUN)
    whole = Whole(made)
    for name, check in PARAMETERS.items():
        with checks.check(f"pod: {name}"):
            assert outcome.tasks["whole", -1]["state"] == "success", runs.log(DAG, RUN, "whole")[-3000:]
            check(whole)
    check_modes(checks, made, runs, outcome)
    check_clusters(checks, made, runs, outcome)


def check_modes(checks: Checks, made: World, runs: Runs, outcome: Outcome) -> None:
    with checks.check("pod: template file"):
        pod = pod_of(made, DAG, "template")
        assert pod["metadata"]["labels"]["example.com/cost-centre"] == "search"
        assert pod["spec"]["enableServiceLinks"] is False
        assert pod["metadata"]["labels"]["sq/stage"] == "generate"
    with checks.check("pod: deferred to the triggerer"):
        log = runs.log(DAG, RUN, "whole")
        assert "DEFERRED" in log.upper(), log[-2000:]
        assert "DEFERRED" not in runs.log(DAG, RUN, "template").upper()
    with checks.check("pod: get_logs"):
        assert '{"probe"' in runs.log(DAG, RUN, "whole")
        assert '{"probe"' in runs.log(DAG, RUN, "template")
        assert '{"probe"' not in runs.log(DAG, RUN, "connection")
    with checks.check("pod: on_finish_action"):
        # delete_succeeded_pod
        await_no_pods(made, f"dag_id={DAG},task_id=busy_1")
        assert pod_of(made, DAG, "whole")["status"]["phase"] == "Succeeded", "keep_pod"
        # delete_pod: failure bug.
    with checks.check("isolation: Airflow and a stage have libraries of their own"):
        _own_libraries(facts(made, DAG, "whole")["versions"])


def _own_libraries(stage: dict[str, str]) -> None:
    """Checks that each has packages that the other lacks, and that shared packages may differ in version."""
    airflow = {item.metadata["Name"].lower(): item.version for item in metadata.distributions()}
    shared = sorted(set(airflow) & set(stage))
    differing = [f"{name} {airflow[name]} and {stage[name]}" for name in shared if airflow[name] != stage[name]]
    print(f"     {len(airflow)} packages with Airflow, {len(stage)} in the stage, {len(shared)} in both")
    print(f"     with different versions: {', '.join(differing) or 'none'}")
    assert "apache-airflow-core" in airflow and "apache-airflow-core" not in stage
    assert "duckdb" in stage and "duckdb" not in airflow
    assert differing, "both have the same versions of all packages, so this check shows nothing"


def check_clusters(checks: Checks, made: World, runs: Runs, outcome: Outcome) -> None:
    for task_id, name in (("context", "cluster_context"), ("connection", "kubernetes_conn_id")):
        with checks.check(f"two clusters in one DAG: {name}"):
            assert outcome.tasks[task_id, -1]["state"] == "success", runs.log(DAG, RUN, task_id)[-3000:]
            pod = pod_of(made, DAG, task_id, cluster=2)
            assert not pods(made, f"dag_id={DAG},task_id={task_id}")
            assert pod["status"]["podIP"].startswith("10.245."), pod["status"]["podIP"]
            assert pod_of(made, DAG, "whole")["status"]["podIP"].startswith(HOST.rpartition(".")[0])
