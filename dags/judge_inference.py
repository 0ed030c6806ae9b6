"""Runs a judge of the bucket on what a finished run found, and stores its judgments.

judge-inference.json defines the order of the tasks. The run configuration has the model and the places as
`judge_inference`; without it, there is no such DAG.
"""

from __future__ import annotations

from airflow.sdk import DAG

from sq_airflow.model_dag import model_dag
from sq_airflow.model_params import inference_params
from sq_airflow.pin import pin
from sq_airflow.places import Places
from sq_airflow.run_graph import run_graph
from sq_airflow.stages import Stages
from sq_airflow.verdict import all_done

places = Places.from_environment().wired("judge-inference")
stages = Stages.read(places)

if stages.run.has("judge_inference"):
    with DAG(
        **model_dag("judge_inference", stages.settings),
        description="Judges the results of a run by a model of the bucket.",
        doc_md=__doc__,
        params=inference_params(),
    ) as dag:
        tasks = run_graph(stages, pin(places)(), {})
        # cleanup runs in any case. Without the last task, the run would succeed whatever failed before.
        tasks["cleanup"] >> all_done([task.task_id for task in tasks.values()])()
