"""Finds which kinds of queries fail, in which market, and why: all stages over all markets.

pipeline.json defines the order of the stages, images.lock.json their images, settings.json where they run.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, TaskGroup

from sq_airflow.announce import announce
from sq_airflow.mail import mail
from sq_airflow.params import run_params
from sq_airflow.pin import pin
from sq_airflow.places import Places
from sq_airflow.schedule import schedule_of
from sq_airflow.stages import REPORT, Stages
from sq_airflow.tidy import tidy
from sq_airflow.verdict import verdict

places = Places.from_environment()
stages = Stages.read(places)
settings, wiring, run = stages.settings, stages.wiring, stages.run

with DAG(
    dag_id="search_quality",
    description="Finds which kinds of queries fail, market by market.",
    doc_md=__doc__,
    **schedule_of(settings),
    # For the small tasks; a stage's contract has its own.
    default_args={
        "owner": settings.owner,
        "depends_on_past": settings.depends_on_past,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "execution_timeout": timedelta(minutes=10),
        **mail(settings),
    },
    tags=["sq", "search"],
    params=run_params([market.market for market in run.markets], list(settings.judges)),
) as dag:
    tasks = {}
    pinned = pin(places)()
    for market in run.markets:
        with TaskGroup(market.market, tooltip=f"Market {market.market}"):
            ready = stages.wait_for_log(market.market)
            if ready:
                pinned >> ready
            for node in wiring.market_nodes:
                tasks[market.market, node.name] = stages.task(node, market, pinned=True)
                if not node.inputs:
                    (ready or pinned) >> tasks[market.market, node.name]
                for edge in node.inputs:
                    tasks[market.market, edge.source] >> tasks[market.market, node.name]

    for node in wiring.run_nodes:
        tasks["", node.name] = stages.task(node, pinned=True)
        for edge in node.inputs:
            for market in run.markets:
                tasks[market.market, edge.source] >> tasks["", node.name]

    reports = {market.market: tasks[market.market, "report"] for market in run.markets}
    consolidated = tasks["", "consolidate"]
    announced = announce(settings.storage_conn_id, REPORT)(consolidated.output)
    cleaned = tidy([task.task_id for task in tasks.values()], settings.storage_conn_id)()
    # The only last task: the run fails if it fails.
    names = {name: task.task_id for name, task in reports.items()}
    judged = verdict(names, ["consolidate", "announce"], settings.storage_conn_id)()
    announced >> cleaned >> judged
