"""What the DAGs that tidy up have in common."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sq_airflow.mail import mail
from sq_airflow.settings import Settings


def maintenance_dag(dag_id: str, settings: Settings, time_limit: timedelta) -> dict[str, Any]:
    """Arguments of a DAG that tidies up.

    Args:
        time_limit: of each task.
    """
    return {
        "dag_id": dag_id,
        "start_date": datetime(2026, 1, 1, tzinfo=UTC),
        "catchup": False,
        "max_active_runs": 1,
        "default_args": {
            "owner": settings.owner,
            "retries": 2,
            "retry_delay": timedelta(minutes=1),
            "retry_exponential_backoff": 2.0,
            "execution_timeout": time_limit,
            **mail(settings),
        },
        "tags": ["sq", "maintenance"],
    }
