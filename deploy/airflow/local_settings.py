"""Airflow's airflow_local_settings: what each of its programs loads once.

Tasks and readers of DAG files are forked from them, and need not load it again: three seconds of a processor each.
"""

import airflow.providers.cncf.kubernetes.operators.pod
import airflow.providers.http.operators.http
import airflow.providers.smtp.notifications.smtp
import airflow.sdk  # noqa: F401
from airflow.executors.base_executor import BaseExecutor

_has_task = BaseExecutor.has_task


def _has_task_or_it_went_on(self, task_instance) -> bool:
    """A task that has been deferred (`next_method`) and goes on is no task that was killed (apache/airflow #72716).

    That it left its first worker may be told once it is queued or running again, and the scheduler would fail it. Where
    it really died, its heartbeat says so.
    """
    return _has_task(self, task_instance) or task_instance.next_method is not None


BaseExecutor.has_task = _has_task_or_it_went_on
