"""What the DAGs of models have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sq_airflow.mail import mail
from sq_airflow.schedule import model_schedule_of
from sq_airflow.settings import Settings


def model_dag(dag_id: str, settings: Settings) -> dict[str, Any]:
    """Arguments of a DAG of models."""
    return {
        "dag_id": dag_id,
        **model_schedule_of(settings, dag_id),
        # For the small tasks; a stage's contract has its own.
        "default_args": {
            "owner": settings.owner,
            "retry_delay": timedelta(seconds=30),
            "retry_exponential_backoff": 2.0,
            "execution_timeout": timedelta(minutes=10),
            **mail(settings),
        },
        "tags": ["sq", "models"],
    }
