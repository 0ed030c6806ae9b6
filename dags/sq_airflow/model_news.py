"""The task that tells what became of a training: by mail and by webhook."""

from __future__ import annotations

import html
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk import get_current_context, task

from sq_airflow.announce import TASK, send
from sq_airflow.announced import Announced
from sq_airflow.handoff import Handoff, HandoffError
from sq_airflow.pinned import pinned_files
from sq_airflow.pod_failure import STOPPED
from sq_airflow.run_folder import run_folder
from sq_airflow.storage_failure import explained_storage

log = logging.getLogger(__name__)


def tell_training(task_ids: Sequence[str], promote: str, storage_conn_id: str) -> Any:
    """A task that tells once what each task says of its result, and whether production moved or why not.

    It runs if nothing failed, also if the promotion was skipped. A failure has a mail of its own.

    Args:
        task_ids: in the order of the message.
        promote: the one of them that moves production.
    """

    @task(task_id=TASK, retries=3, trigger_rule="none_failed")
    def tell() -> dict[str, Any]:
        with explained_storage(TASK):
            return _tell(get_current_context(), task_ids, promote, storage_conn_id)

    return tell


def _tell(context: Mapping[str, Any], task_ids: Sequence[str], promote: str, storage_conn_id: str) -> dict[str, Any]:
    files = pinned_files(context, TASK, storage_conn_id)
    ti, run_id = context["ti"], run_folder(context["run_id"])
    handoffs = {name: _handoff(ti, name) for name in task_ids}
    notes = {name: handoff.note for name, handoff in handoffs.items() if handoff}
    stopped = ti.xcom_pull(task_ids=promote, key=STOPPED, map_indexes=-1)
    promoted = handoffs[promote] is not None
    message = {
        "dag_id": ti.dag_id,
        "run_id": run_id,
        "promoted": promoted,
        "reason": notes[promote] if promoted else str(stopped or "the promotion was skipped"),
        "notes": notes,
    }
    last = next(handoff for handoff in reversed(handoffs.values()) if handoff)
    verdict = "a new judge is in production" if promoted else "production stays as it is"
    announced = Announced(f"{files.records}/{run_id}", last.digest, files.settings.storage_conn_id)
    send(f"{ti.dag_id}: {verdict}", letter(message), message, files.settings, announced)
    log.info("%s", message)
    return message


def _handoff(ti: Any, task_id: str) -> Handoff | None:
    try:
        return Handoff.parse(ti.xcom_pull(task_ids=task_id, map_indexes=-1))
    except HandoffError:
        return None


def letter(message: Mapping[str, Any]) -> str:
    """The mail as HTML: the outcome, then what each task says."""
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(note)}</td></tr>" for name, note in message["notes"].items()
    )
    return f"<p>{html.escape(message['reason'])}</p><table>{rows}</table>"
