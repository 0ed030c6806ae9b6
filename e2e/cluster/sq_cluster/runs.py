"""Starts DAG runs through the REST API and reads their results."""

from __future__ import annotations

import json
import time
import urllib.error
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from sq_cluster.pods import await_true
from sq_cluster.world import World

_POLL_SECONDS = 1
_PAGE = 100  # the most that Airflow returns at once


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        tasks: (task id, map index) to the task instance, as the REST API returns it.
    """

    run_id: str
    state: str
    tasks: Mapping[tuple[str, int], Mapping[str, Any]]

    def states(self) -> dict[str, set[str]]:
        """Task id to the states of its task instances."""
        found: dict[str, set[str]] = {}
        for (task, _), instance in self.tasks.items():
            found.setdefault(task, set()).add(instance["state"])
        return found


class Runs:
    """The runs of one Airflow."""

    def __init__(self, world: World) -> None:
        self._airflow = world.airflow

    def await_dag(self, dag_id: str, seconds: float = 300) -> None:
        """Waits until the DAG is known, and unpauses it. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._airflow.request("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})
                return
            except urllib.error.HTTPError as error:
                if error.code != 404:
                    raise
            if time.monotonic() > deadline:
                errors = self._airflow.request("GET", "/api/v2/importErrors")
                raise TimeoutError(f"Airflow does not know the DAG {dag_id} after {seconds} s; import errors: {errors}")
            time.sleep(_POLL_SECONDS)

    def parse(self, dag_id: str) -> None:
        """Makes Airflow parse a DAG's file again, after a change of the files that it reads."""
        token = self._airflow.request("GET", f"/api/v2/dags/{dag_id}")["file_token"]
        self._airflow.request("PUT", f"/api/v2/parseDagFile/{token}")

    def pause(self, dag_id: str) -> None:
        """Pauses a DAG, so that its runs wait. `await_dag` unpauses it."""
        self._airflow.request("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": True})

    def start(self, dag_id: str, run_id: str, conf: Mapping[str, Any] | None = None) -> None:
        body = {"dag_run_id": run_id, "logical_date": None, "conf": conf or {}}
        self._airflow.request("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)

    def finish(self, dag_id: str, run_id: str, seconds: float = 1200) -> Outcome:
        """Waits until a run ends. Raises TimeoutError with the states of its tasks."""
        deadline = time.monotonic() + seconds
        while (state := self.run_state(dag_id, run_id)) not in ("success", "failed"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{run_id} is still {state} after {seconds} s: {self.look(dag_id, run_id).states()}")
            time.sleep(_POLL_SECONDS)
        return self.look(dag_id, run_id)

    def run_state(self, dag_id: str, run_id: str) -> str:
        return self._airflow.request("GET", _path(dag_id, run_id))["state"]

    def look(self, dag_id: str, run_id: str) -> Outcome:
        state = self.run_state(dag_id, run_id)
        found: list[Mapping[str, Any]] = []
        while True:
            page = self._airflow.request(
                "GET", f"{_path(dag_id, run_id)}/taskInstances?limit={_PAGE}&offset={len(found)}"
            )
            found += page["task_instances"]
            if len(found) >= page["total_entries"] or not page["task_instances"]:
                return Outcome(run_id, state, {(item["task_id"], item["map_index"]): item for item in found})

    def ids(self, dag_id: str) -> list[str]:
        """The ids of all runs of a DAG."""
        found = self._airflow.request("GET", f"/api/v2/dags/{dag_id}/dagRuns?limit=100")["dag_runs"]
        return [run["dag_run_id"] for run in found]

    def span(self, dag_id: str, run_id: str) -> tuple[str, str]:
        """The start and the end of a run (ISO 8601)."""
        run = self._airflow.request("GET", _path(dag_id, run_id))
        return run["start_date"], run["end_date"]

    def end(self, dag_id: str, run_id: str) -> None:
        """Marks a run as failed, whatever its state."""
        await_true(lambda: self._failed(dag_id, run_id), f"{run_id} is marked as failed", 60)

    def _failed(self, dag_id: str, run_id: str) -> bool:
        """Whether a run could be marked. Airflow answers 500 where the scheduler changes the run's row just then."""
        try:
            self._airflow.request("PATCH", _path(dag_id, run_id), {"state": "failed"})
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            return False
        return True

    def state(self, dag_id: str, run_id: str, task_id: str) -> str | None:
        """The state of a task that is not mapped."""
        path = f"{_path(dag_id, run_id)}/taskInstances/{task_id}"
        return self._airflow.request("GET", path)["state"]

    def heartbeat(self) -> float:
        """The time of the scheduler's last heartbeat, in seconds since 1970."""
        health = self._airflow.request("GET", "/api/v2/monitor/health")
        return datetime.fromisoformat(health["scheduler"]["latest_scheduler_heartbeat"]).timestamp()

    def clear(self, dag_id: str, run_id: str, task_ids: list[str]) -> None:
        """Clears tasks and the tasks downstream, so that the run continues from there."""
        body = {"dag_run_id": run_id, "task_ids": task_ids, "include_downstream": True, "dry_run": False}
        body |= {"only_failed": False, "reset_dag_runs": True}
        self._airflow.request("POST", f"/api/v2/dags/{dag_id}/clearTaskInstances", body)

    def log(self, dag_id: str, run_id: str, task_id: str, attempt: int = 1, map_index: int = -1) -> str:
        """The whole log of one try, as text."""
        path = f"{_path(dag_id, run_id)}/taskInstances/{task_id}/logs/{attempt}?map_index={map_index}"
        answer = self._airflow.request("GET", path + "&full_content=true")
        return "\n".join(_line(entry) for entry in answer["content"])

    def import_errors(self) -> list[str]:
        """The stack traces of the DAG processor's import errors."""
        return [error["stack_trace"] for error in self._airflow.request("GET", "/api/v2/importErrors")["import_errors"]]

    def handed_over(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> Any:
        path = f"{_path(dag_id, run_id)}/taskInstances/{task_id}/xcomEntries/return_value"
        return self._airflow.request("GET", f"{path}?map_index={map_index}&deserialize=false")["value"]

    def folder(self, dag_id: str, run_id: str) -> str:
        """The name of the folder of a finished run."""
        handoff = self.handed_over(dag_id, run_id, "consolidate")
        return (json.loads(handoff) if isinstance(handoff, str) else handoff)["runId"]


def _path(dag_id: str, run_id: str) -> str:
    return f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}"


def _line(entry: Any) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    details = [str(item.get("exc_value", "")) for item in entry.get("error_detail") or ()]
    return "\n".join([str(entry.get("event", "")), *details])
