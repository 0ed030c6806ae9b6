"""Stops a release if the search has become worse: starts with each finished report of search_quality.

The event of the asset holds the figures of the run, so this DAG reads no storage. Copy it, and put your release in
place of the last task.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param, get_current_context, task

from sq_airflow.mail import mail
from sq_airflow.places import Places
from sq_airflow.release_gate import check_figures
from sq_airflow.settings import read_settings
from sq_airflow.stages import REPORT

settings = read_settings(Places.from_environment().settings)

with DAG(
    dag_id="example_release_gate",
    description="Stops a release if the search has become worse.",
    doc_md=__doc__,
    schedule=[REPORT],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": settings.owner,
        "retries": 1,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=10),
        **mail(settings),
    },
    tags=["sq", "example"],
    params={
        "most_lost": Param(0.1, type="number", minimum=0, maximum=1, description="Share of traffic that may be lost."),
        "regression": Param(
            0.02, type="number", minimum=0, maximum=1, description="nDCG that may be lost against the baseline run."
        ),
    },
) as dag:

    @task(retries=0)
    def gate() -> list[str]:
        """The runs whose search may be released."""
        context = get_current_context()
        events = [event for found in context["triggering_asset_events"].values() for event in found]
        return check_figures([event.extra for event in events], **context["params"])

    release = BashOperator(task_id="release", bash_command="echo released after {{ ti.xcom_pull(task_ids='gate') }}")
    gate() >> release
