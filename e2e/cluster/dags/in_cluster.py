"""Runs in a pod with the service account of Airflow: starts a stage with in_cluster and prints the handoff."""

import json
import sys
from types import SimpleNamespace


class _TaskInstance:
    """The attributes and methods of a task instance that the operator uses."""

    dag_id, task_id, map_index, try_number = "cluster_pods", "in_cluster", -1, 1

    def xcom_pull(self, **_):
        return None

    def xcom_push(self, **_):
        """Does nothing: no Airflow is running."""


def main(run_id: str) -> None:
    from cluster_cases import task

    operator = task("in_cluster", "facts", {"in_cluster": True, "deferrable": False}, durable=False)
    dag = SimpleNamespace(dag_id=_TaskInstance.dag_id, params={})
    handoff = operator.execute({"ti": _TaskInstance(), "run_id": run_id, "params": {}, "dag": dag})
    print(json.dumps({"handoff": handoff}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
