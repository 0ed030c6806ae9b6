"""Airflow's airflow_local_settings: every Airflow program loads it once.

Airflow forks its processes for tasks and DAG files. The imports here save three seconds of CPU in each of them.
"""

import airflow.providers.cncf.kubernetes.operators.pod
import airflow.providers.http.operators.http
import airflow.providers.smtp.notifications.smtp
import airflow.sdk  # noqa: F401
from airflow.executors.base_executor import BaseExecutor

_has_task = BaseExecutor.has_task


def _has_task_or_resumed(self, task_instance) -> bool:
    """Whether a task is known. A task that resumes after deferral (`next_method`) was not killed.

    The first worker may report the deferral after the task is queued or running again. The scheduler would then fail
    the task (apache/airflow #72716). The heartbeat still detects a task that was killed.
    """
    return _has_task(self, task_instance) or task_instance.next_method is not None


BaseExecutor.has_task = _has_task_or_resumed
