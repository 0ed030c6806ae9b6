"""What a deployment decides (settings.json)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from sq_airflow.json_model import JsonModel, read_json
from sq_airflow.pod_settings import PodSettings


class Settings(JsonModel, extra="forbid"):
    """Everything a deployment decides.

    Attributes:
        runtime: "kubernetes", or "process" to run stages as processes on Airflow's machine.
        storage_conn_id: Airflow's connection to the storage of artefacts; unused for file://.
        schedule: cron expression of search_quality; none if empty.
        mail_to: who receives a mail when a task fails or is retried.
        webhook_conn_id: HTTP connection that receives the announcement of a finished run; none if empty.
        judges: judges that a run may choose, by name; each has the fields of EvaluateConfig that define it.
        retry_seconds: pause before the first retry, in place of each contract's.
        stages: pod settings that one stage changes.
    """

    runtime: Literal["kubernetes", "process"] = "kubernetes"
    owner: str = "search"
    schedule: str = ""
    storage_conn_id: str = "sq_storage"
    smtp_conn_id: str = "sq_smtp"
    mail_from: str = "search-quality@localhost"
    mail_to: tuple[str, ...] = ()
    webhook_conn_id: str = ""
    judges: Mapping[str, Mapping[str, Any]] = {}
    retry_seconds: int | None = None
    max_active_runs: int = 5
    pods: PodSettings = PodSettings()
    stages: Mapping[str, PodSettings] = {}

    def pods_of(self, stage: str) -> PodSettings:
        return self.pods.with_changes(self.stages.get(stage, PodSettings()))


def read_settings(path: Path) -> Settings:
    """The settings in a JSON file. Raises ValueError with the file, the setting and the fix."""
    return read_json(path, Settings, "sq_airflow/settings.py and pod_settings.py define all settings")
