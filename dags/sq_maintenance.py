"""Removes pods of stages that failed and were kept for inspection.

A task removes the pod of a success at once. settings.json sets for how many hours failed pods are kept.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Param, get_current_context, task

from sq_airflow.api_failure import explained
from sq_airflow.maintenance_dag import maintenance_dag
from sq_airflow.old_pods import remove_old_pods
from sq_airflow.places import Places
from sq_airflow.settings import read_settings

settings = read_settings(Places.from_environment().settings)

with DAG(
    **maintenance_dag("sq_maintenance", settings, timedelta(minutes=10)),
    description="Removes old pods of stages.",
    doc_md=__doc__,
    schedule="17 * * * *",
    params={
        "hours": Param(
            None,
            type=["null", "number"],
            title="Hours",
            description="Removes pods that ended longer ago. Empty: failed_pod_hours of the settings.",
            minimum=0,
        )
    },
) as dag:

    @task(doc_md="Removes old pods of stages in every cluster that the settings name.")
    def remove_pods() -> list[str]:
        with explained("remove_pods"):
            return remove_old_pods(settings, get_current_context()["params"]["hours"])

    remove_pods()
