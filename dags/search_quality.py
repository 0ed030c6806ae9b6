"""Which kinds of queries fail, in which market, and why: all stages over all markets.

Wiring only. What follows what stands in pipeline.json, what runs in images.lock.json, where in settings.json.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, TaskGroup

from sq_airflow.announce import announce, tidy, verdict
from sq_airflow.params import run_params
from sq_airflow.settings import Places
from sq_airflow.stages import REPORT, Stages, mail

stages = Stages.read(Places.from_environment())
settings, wiring, run = stages.settings, stages.wiring, stages.run

with DAG(
    dag_id="search_quality",
    description="Finds what kinds of queries fail, market by market.",
    doc_md=__doc__,
    schedule=settings.schedule or None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=settings.max_active_runs,
    # Of the small tasks: a stage's own come from its contract.
    default_args={
        "owner": settings.owner,
        "depends_on_past": False,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "execution_timeout": timedelta(minutes=10),
        **mail(settings),
    },
    tags=["sq", "search"],
    params=run_params([market.name for market in run.markets], list(settings.judges)),
) as dag:
    tasks = {}
    for market in run.markets:
        with TaskGroup(market.name, tooltip=f"Market {market.name}"):
            for node in wiring.market_nodes:
                tasks[market.name, node.stage] = stages.task(node, market)
                for edge in node.inputs:
                    tasks[market.name, edge.source] >> tasks[market.name, node.stage]

    for node in wiring.run_nodes:
        tasks["", node.stage] = stages.task(node, outlets=[REPORT])
        for edge in node.inputs:
            for market in run.markets:
                tasks[market.name, edge.source] >> tasks["", node.stage]

    reports = {market.name: tasks[market.name, "report"] for market in run.markets}
    consolidated = tasks["", "consolidate"]
    told = announce(settings)(consolidated.output)
    tidied = tidy([task.task_id for task in tasks.values()], settings.storage_conn_id)()
    # The only last task: with all_done before it, the run is as red as this one.
    (told >> tidied >> verdict({name: task.task_id for name, task in reports.items()}, ["consolidate", "announce"])())
