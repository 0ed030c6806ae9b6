"""The last task of a run: it fails if anything of the run is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk import get_current_context, task

from sq_airflow.failure import Failure
from sq_airflow.pinned import pinned_files
from sq_airflow.pins import TASK as PIN

KIND = "not-finished"
TASK = "verdict"


def all_done(task_ids: Sequence[str]) -> Any:
    """A task that fails if one of some tasks has no result, whatever the tasks after them did."""

    @task(task_id=TASK, trigger_rule="all_done", retries=0)
    def judge() -> None:
        ti = get_current_context()["ti"]
        _refuse([name for name in task_ids if ti.xcom_pull(task_ids=name, map_indexes=-1) is None])

    return judge


def verdict(reports: Mapping[str, str], last: Sequence[str], storage_conn_id: str) -> Any:
    """A task that fails if a task of the run did. The task before it runs in any case, and would make the run succeed.

    Args:
        reports: market to the id of the task that makes its report.
        last: ids of the tasks that follow the reports.
    """

    @task(task_id=TASK, trigger_rule="all_done", retries=0)
    def judge() -> None:
        context = get_current_context()
        chosen, ti = context["params"]["markets"], context["ti"]
        # A market that came with a deploy while the run was going is not part of it.
        pins = ti.xcom_pull(task_ids=PIN, map_indexes=-1)
        known = pinned_files(context, TASK, storage_conn_id).logs if pins else chosen
        wanted = [task_id for market, task_id in reports.items() if market in chosen and market in known]
        _refuse([name for name in (*wanted, *last) if ti.xcom_pull(task_ids=name, map_indexes=-1) is None])

    return judge


def _refuse(missing: Sequence[str]) -> None:
    if missing:
        sentence = f"The run is not finished: {', '.join(missing)} left no result. Clear the tasks that failed."
        raise Failure(KIND, sentence, retry=False).error(TASK)
