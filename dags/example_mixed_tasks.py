"""A stage among other tasks: a sensor, Bash, Python, HTTP and e-mail, with templated fields and XCom.

Copy it to start a DAG of your own. It waits for a query log, makes the query set of the first market, and reports its
number of segments.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.providers.http.operators.http import HttpOperator
from airflow.providers.smtp.operators.smtp import EmailOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.sensors.filesystem import FileSensor
from airflow.sdk import DAG, Param, task

from sq_airflow.mail import mail
from sq_airflow.params import run_params
from sq_airflow.places import Places
from sq_airflow.stages import Stages, task_name

stages = Stages.read(Places.from_environment())
settings, market = stages.settings, stages.run.markets[0]

with DAG(
    dag_id="example_mixed_tasks",
    description="A stage among Bash, Python, HTTP, e-mail and a sensor.",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args={
        "owner": settings.owner,
        "retries": 1,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=10),
        **mail(settings),
    },
    tags=["sq", "example"],
    params={
        **run_params([m.market for m in stages.run.markets], list(settings.judges)),
        "wait_for": Param(
            "/tmp", type="string", title="Wait for", description="A file or folder on Airflow's machine."
        ),
    },
) as dag:
    log_is_there = FileSensor(
        task_id="log_is_there",
        filepath="{{ params.wait_for }}",
        fs_conn_id="sq_files",
        poke_interval=5,
        timeout=300,
        mode="reschedule",
    )
    day = BashOperator(task_id="day", bash_command="echo {{ ds | default(run_id, true) }}", do_xcom_push=True)
    generate = stages.task(stages.wiring.node("generate"), market, task_id=task_name("generate"))

    @task
    def count(handoff: dict) -> int:
        """The number of segments in the handoff."""
        return sum(int(item.get("records", 0)) for item in handoff.get("counts", ()) if item["kind"] == "segment")

    segments = count(generate.output)
    tell = HttpOperator(
        task_id="tell",
        http_conn_id=settings.webhook_conn_id or "sq_webhook",
        endpoint="/",
        method="POST",
        headers={"Content-Type": "application/json"},
        data='{"market": "' + market.market + '", "segments": {{ ti.xcom_pull(task_ids="count") }}}',
    )
    write = EmailOperator(
        task_id="write",
        conn_id=settings.smtp_conn_id,
        to=list(settings.mail_to) or "search@localhost",
        from_email=settings.mail_from,
        subject="{{ ti.xcom_pull(task_ids='count') }} segments for " + market.market,
        html_content="Written on {{ ti.xcom_pull(task_ids='day') }}.",
    )
    log_is_there >> day >> generate
    segments >> [tell, write]
