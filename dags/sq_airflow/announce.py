"""The task that announces a finished run: by mail, by webhook, and by an event of the report's asset."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from airflow.providers.http.hooks.http import HttpHook
from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import Asset, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from sq_airflow.announced import EVENT, Announced
from sq_airflow.failure import Failure
from sq_airflow.handoff import Handoff
from sq_airflow.letter import letter
from sq_airflow.measures import NoReport, read_report
from sq_airflow.pinned import pinned_files
from sq_airflow.pins import TASK as PIN
from sq_airflow.run_folder import run_folder
from sq_airflow.settings import Settings
from sq_airflow.storage_failure import explained_storage

log = logging.getLogger(__name__)
TASK = "announce"
KIND = "not-announced"


def announce(storage_conn_id: str, asset: Asset) -> Any:
    """A task that announces a report once, to those that the run's settings name.

    Args:
        asset: gets an event with the figures of the run.
    """

    @task(task_id=TASK, retries=3, outlets=[asset])
    def tell(handoff: dict) -> dict:
        with explained_storage(TASK):
            return _announce(get_current_context(), Handoff.parse(handoff), storage_conn_id, asset)

    return tell


def _announce(context: Mapping[str, Any], handoff: Handoff, storage_conn_id: str, asset: Asset) -> dict[str, Any]:
    settings = pinned_files(context, TASK, storage_conn_id).settings
    try:
        message = summary(handoff, context["params"], settings)
    except NoReport as error:
        raise Failure("no-handoff", f"There is nothing to announce: {error}", retry=True).error(TASK) from None
    message["versions"] = (context["ti"].xcom_pull(task_ids=PIN, map_indexes=-1) or {}).get("versions", {})
    announced = Announced(run_uri(handoff), handoff.digest, settings.storage_conn_id)
    send(f"Search quality: {message['run_id']}", letter(message), message, settings, announced)
    if EVENT in announced:
        # The verdict looks for this result. A task that is skipped updates no asset.
        context["ti"].xcom_push(key="return_value", value=message)
        raise AirflowSkipException("this report was announced before")
    context["outlet_events"][asset].extra = message
    announced.add(EVENT)
    log.info("%s", message)
    return message


def send(subject: str, html: str, message: Mapping[str, Any], settings: Settings, announced: Announced) -> None:
    """Sends the mail and calls the webhook, each once for a report, also if one of them fails and is tried again.

    Args:
        html: of the mail.
        message: for the webhook.
    """
    if settings.mail_to and "mail" not in announced:
        with (
            _sending(f"mail by the connection {settings.smtp_conn_id}"),
            SmtpHook(smtp_conn_id=settings.smtp_conn_id) as smtp,
        ):
            smtp.send_email_smtp(
                to=list(settings.mail_to),
                from_email=settings.mail_from,
                subject=subject,
                html_content=html,
            )
        announced.add("mail")
    if settings.webhook_conn_id and "webhook" not in announced:
        with _sending(f"call of the webhook {settings.webhook_conn_id}"):
            HttpHook("POST", settings.webhook_conn_id).run(
                data=json.dumps(message), headers={"Content-Type": "application/json"}
            )
        announced.add("webhook")


@contextmanager
def _sending(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # smtplib, requests and Airflow's hooks each have errors of their own.
        about = " ".join(str(error).split())
        sentence = f"The {what} failed: {type(error).__name__}: {about}"
        raise Failure(KIND, sentence, retry=True).error(TASK) from error


def summary(handoff: Handoff, params: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """The announcement: where the run's page is, and its figures beside those of the baseline run."""
    report = read_report(handoff.uri, settings.storage_conn_id)
    message: dict[str, Any] = {
        "run_id": handoff.run_id,
        "report": handoff.uri,
        "digest": handoff.digest,
        "pages": list(handoff.pages),
        "measures": report.ndcg,
        "figures": report.figures(),
    }
    if params.get("baseline_run"):
        message |= _baseline(params["baseline_run"], handoff, settings)
    return message


def run_uri(handoff: Handoff) -> str:
    """The folder of the run that an artefact belongs to."""
    before, run, _ = handoff.uri.rpartition(f"/{handoff.run_id}/")
    return f"{before}{run}".rstrip("/")


def _baseline(run: str, handoff: Handoff, settings: Settings) -> dict[str, Any]:
    """Measures of the baseline run. A wrong run id must not fail the task: all other work is done."""
    uri = handoff.uri.replace(f"/{handoff.run_id}/", f"/{run_folder(run)}/")
    try:
        return {"baseline_run": run, "baseline_measures": read_report(uri, settings.storage_conn_id).ndcg}
    except NoReport as error:
        log.warning("The baseline run is not available: %s", error)
        return {"baseline_run": run, "baseline_measures": {}, "baseline_missing": str(error)}
