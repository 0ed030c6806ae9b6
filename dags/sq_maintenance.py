"""Removes stage pods that ended, or never began, and were kept for people to look at.

Pods of successes are removed at once by their tasks; a failed one stays for the hours that settings.json says.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, Param, get_current_context, task

from sq_airflow.pods import remove_old_pods
from sq_airflow.settings import Places, read_settings
from sq_airflow.stages import mail

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
            description="Pods that ended longer ago go; as the settings say (failed_pod_hours) where empty.",
            minimum=0,
        )
    },
) as dag:

    @task(doc_md="Removes pods of stages that ended longer ago than the settings say, in every cluster they run in.")
    def remove_pods() -> list[str]:
        return remove_old_pods(settings, get_current_context()["params"]["hours"])

    remove_pods()
