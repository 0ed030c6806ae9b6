"""The task that removes scratch files of finished artefacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk import get_current_context, task

from sq_airflow.artefacts import clean_scratch
from sq_airflow.storage_failure import explained_storage

TASK = "clean_scratch"


def tidy(task_ids: Sequence[str], storage_conn_id: str) -> Any:
    """A task that removes what finished artefacts kept for their own retries.

    Args:
        task_ids: tasks that make artefacts.
    """

    @task(task_id=TASK, trigger_rule="all_done", retries=1)
    def clean() -> list[str]:
        ti = get_current_context()["ti"]
        handoffs = [value for task_id in task_ids for value in _pulled(ti, task_id)]
        with explained_storage(TASK):
            return [value["uri"] for value in handoffs if clean_scratch(value["uri"], storage_conn_id)]

    return clean


def _pulled(ti: Any, task_id: str) -> list[dict]:
    values = ti.xcom_pull(task_ids=task_id)
    return [value for value in (values if isinstance(values, list) else [values]) if value]
