"""When the DAGs run, and which dates they catch up with."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from airflow.sdk import Asset, CronDataIntervalTimetable

from sq_airflow.settings import Settings


def schedule_of(settings: Settings) -> dict[str, Any]:
    """The arguments of a DAG that decide on its dates.

    A bare cron expression would give runs whose interval is empty, so the timetable is named. A run begins when its
    interval has ended.
    """
    assets = [Asset(settings.log_asset)] if settings.log_asset else None
    timetable = CronDataIntervalTimetable(settings.schedule, timezone=settings.time_zone) if settings.schedule else None
    seconds = settings.dagrun_timeout_seconds
    return {
        "schedule": timetable or assets,
        "start_date": datetime.combine(date.fromisoformat(settings.start_date), time(), UTC),
        "catchup": settings.catchup,
        "max_active_runs": settings.max_active_runs,
        "dagrun_timeout": timedelta(seconds=seconds) if seconds else None,
    }


def model_schedule_of(settings: Settings, dag_id: str) -> dict[str, Any]:
    """The same for a DAG of models, which catches up with no date: it takes labels and models as they are now."""
    cron = settings.model_schedules.get(dag_id, "")
    return {
        "schedule": CronDataIntervalTimetable(cron, timezone=settings.time_zone) if cron else None,
        "start_date": datetime.combine(date.fromisoformat(settings.start_date), time(), UTC),
        "catchup": False,
        "max_active_runs": settings.max_active_runs,
    }
