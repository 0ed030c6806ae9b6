"""Removes pods of stages that failed and were kept for inspection.

A task removes the pod of a success at once. settings.json sets for how many hours failed pods are kept.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, Param, get_current_context, task

from sq_airflow.api_failure import explained
from sq_airflow.mail import mail
from sq_airflow.old_pods import remove_old_pods
from sq_airflow.places import Places
from sq_airflow.settings import read_settings

settings = read_settings(Places.from_environment().settings)

with DAG(
    dag_id="sq_maintenance",
    description="Removes old pods of stages.",
    doc_md=__doc__,
    schedule="17 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": settings.owner,
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": 2.0,
        "execution_timeout": timedelta(minutes=10),
        **mail(settings),
    },
    tags=["sq", "maintenance"],
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
