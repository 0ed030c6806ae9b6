"""The first task of a run: refuses what cannot work, and keeps the versions that the run is made with."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk import get_current_context, task

from sq_airflow.failure import Failure
from sq_airflow.known_params import refuse_unknown
from sq_airflow.pins import TASK, Pins, PinsError, failure, find
from sq_airflow.places import Places
from sq_airflow.run_days import check_days, explained, interval_of
from sq_airflow.run_files import RunFiles
from sq_airflow.run_folder import run_folder
from sq_airflow.storage_failure import explained_storage

log = logging.getLogger(__name__)


def pin(places: Places) -> Any:
    """A task that keeps lock, configuration, settings and wiring of this moment in the run's folder.

    All later tasks of the run read them there. A run that has pins keeps them, also when this task is cleared.
    """

    @task(task_id=TASK, retries=3)
    def keep() -> dict[str, Any]:
        with explained_storage(TASK):
            return _pin(get_current_context(), places)

    return keep


def _pin(context: Mapping[str, Any], places: Places) -> dict[str, Any]:
    refuse_unknown(TASK, context["dag_run"].conf, context["dag"].params)
    try:
        now = RunFiles.read(places)
    except (OSError, ValueError) as error:
        raise Failure("bad-input", f"Bad input or configuration: {error}", retry=False).error(TASK) from None
    conn_id = now.settings.storage_conn_id
    folder = f"{now.records}/{run_folder(context['run_id'])}"
    try:
        found = find(folder, conn_id)
        pins = found[1] if found else Pins.read(places, now.images is not None, _bundle_version(context))
        logs = RunFiles.of(pins).logs
    except (PinsError, ValueError) as error:
        raise failure(error).error(TASK) from None
    if now.wiring.market_nodes:
        with explained(TASK):
            check_days(interval_of(context), logs, context["params"].get("markets"))
    if found:
        ref = found[0]
    else:
        ref = pins.of_run(context["ti"].dag_id, context["run_id"], context["params"]).keep(folder, conn_id)
    log.info("This run %s %s", "has pins of its own:" if found else "keeps its pins:", ref.uri)
    log.info("It is made with %s", ", ".join(f"{name} {version}" for name, version in ref.versions.items()))
    return ref.model_dump(mode="json")


def _bundle_version(context: Mapping[str, Any]) -> str:
    """The version of the DAG bundle that this task's code is from; empty if the bundle keeps no versions."""
    return getattr(getattr(context["ti"], "bundle_instance", None), "version", None) or ""
