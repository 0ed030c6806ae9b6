"""Trains a judge on labels, and puts it in production if it is better than the one there.

judge-training.json defines the order of the tasks. The run configuration has the model, its labels and the catalogue as
`judge_training`; without it, there is no such DAG.
"""

from __future__ import annotations

from airflow.sdk import DAG

from sq_airflow.model_dag import model_dag
from sq_airflow.model_news import tell_training
from sq_airflow.model_params import training_params
from sq_airflow.pin import pin
from sq_airflow.places import Places
from sq_airflow.run_graph import run_graph
from sq_airflow.stages import Stages

places = Places.from_environment().wired("judge-training")
stages = Stages.read(places)

if stages.run.has("judge_training"):
    with DAG(
        **model_dag("judge_training", stages.settings),
        description="Trains a judge, and promotes it if it is better.",
        doc_md=__doc__,
        params=training_params(),
    ) as dag:
        tasks = run_graph(stages, pin(places)(), {"train": {"gpus_param": "gpus"}})
        ids = [task.task_id for task in tasks.values()]
        tasks["promote"] >> tell_training(ids, tasks["promote"].task_id, stages.settings.storage_conn_id)()
