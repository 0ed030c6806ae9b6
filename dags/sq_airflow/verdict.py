"""The last task of a run: it fails if anything of the run is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException


def verdict(reports: Mapping[str, str], last: Sequence[str]) -> Any:
    """A task that fails if a task of the run did. The task before it runs in any case, and would make the run succeed.

    Args:
        reports: market to the id of the task that makes its report.
        last: ids of the tasks that follow the reports.
    """

    @task(task_id="verdict", trigger_rule="all_done", retries=0)
    def judge() -> None:
        context = get_current_context()
        chosen = context["params"]["markets"]
        wanted = [task_id for market, task_id in reports.items() if market in chosen] + list(last)
        missing = [name for name in wanted if context["ti"].xcom_pull(task_ids=name, map_indexes=-1) is None]
        if missing:
            raise AirflowFailException(f"not finished: {', '.join(missing)}; clear the failed tasks to continue")

    return judge
