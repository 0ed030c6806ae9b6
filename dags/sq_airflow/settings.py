"""What a deployment decides (settings.json)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from sq_airflow.json_model import JsonModel, read_json
from sq_airflow.pod_settings import PodSettings
from sq_interval import IntervalError
from sq_interval.log_days import zone


def _known_zone(name: str) -> str:
    try:
        return zone(name, "time_zone").key
    except IntervalError as error:
        raise ValueError(f"{error.problem}; {error.fix}") from None


TimeZone = Annotated[str, AfterValidator(_known_zone)]


class WaitForLog(JsonModel, extra="forbid"):
    """How to wait for the log of a run's days.

    Attributes:
        poke_seconds: between two looks.
        timeout_seconds: after which the run fails.
    """

    poke_seconds: Annotated[int, Field(ge=1)] = 60
    timeout_seconds: Annotated[int, Field(ge=1)] = 21600


class KeepRuns(JsonModel, extra="forbid"):
    """Which runs keep their folders.

    Attributes:
        days: those that began in the last days, and
        last: the newest ones of each DAG, however old.
    """

    days: Annotated[int, Field(ge=1)] = 90
    last: Annotated[int, Field(ge=1)] = 10


class Settings(JsonModel, extra="forbid"):
    """Everything a deployment decides.

    Attributes:
        runtime: "kubernetes", or "process" to run stages as processes on Airflow's machine.
        storage_conn_id: Airflow's connection to the storage of artefacts; unused for file://.
        schedule: cron expression of search_quality; none if empty. The interval of a run lasts from the time before to
            the time at which it starts.
        time_zone: of `schedule` (IANA).
        log_asset: name of an asset whose events start runs, in place of `schedule`. An event's extra has the day of
            the log, {"date": "2026-01-05"}, or {"from": …, "to": …}.
        wait_for_log: makes each market wait until its log is there; None: no wait.
        start_date: first day with a run, for catchup.
        catchup: whether dates without a run since start_date get one.
        depends_on_past: whether a task waits until it has succeeded for the date before.
        dagrun_timeout_seconds: a run that takes longer fails, and its tasks are stopped; no limit if None.
        mail_to: who receives a mail when a task fails or is retried.
        webhook_conn_id: HTTP connection that receives the announcement of a finished run; none if empty.
        runbook_url: page to which failed tasks link, such as https://wiki/search/runbook; the file's name if empty.
        judges: judges that a run may choose, by name; each has the fields of EvaluateConfig that define it.
        retry_seconds: pause before the first retry, in place of each contract's.
        stages: pod settings that one stage changes.
        shared_claims: pipeline to the claim on which tasks of a run share their artefacts, in place of the workspace.
        keep_runs: makes sq_retention remove folders of other runs every night; None: nothing is removed by itself.
        model_schedules: DAG of models to its cron expression; no schedule without one.
    """

    runtime: Literal["kubernetes", "process"] = "kubernetes"
    owner: str = "search"
    schedule: str = ""
    time_zone: TimeZone = "UTC"
    log_asset: str = ""
    wait_for_log: WaitForLog | None = None
    start_date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] = "2026-01-01"
    catchup: bool = False
    depends_on_past: bool = False
    dagrun_timeout_seconds: Annotated[int, Field(ge=60)] | None = None
    storage_conn_id: str = "sq_storage"
    smtp_conn_id: str = "sq_smtp"
    mail_from: str = "search-quality@localhost"
    mail_to: tuple[str, ...] = ()
    webhook_conn_id: str = ""
    runbook_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    judges: Mapping[str, Mapping[str, Any]] = {}
    retry_seconds: int | None = None
    max_active_runs: int = 5
    pods: PodSettings = PodSettings()
    stages: Mapping[str, PodSettings] = {}
    keep_runs: KeepRuns | None = None
    shared_claims: Mapping[Literal["judge-training", "judge-inference"], str] = {}
    model_schedules: Mapping[Literal["judge_training", "judge_inference"], str] = {}

    @model_validator(mode="after")
    def _one_start(self) -> Settings:
        if self.schedule and self.log_asset:
            raise ValueError("schedule and log_asset are both set; keep one of them")
        return self

    def pods_of(self, stage: str) -> PodSettings:
        return self.pods.with_changes(self.stages.get(stage, PodSettings()))


def read_settings(path: Path) -> Settings:
    """The settings in a JSON file. Raises ValueError with the file, the setting and the fix."""
    return read_json(path, Settings, "sq_airflow/settings.py and pod_settings.py define all settings")
