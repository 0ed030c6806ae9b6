"""The task that announces a finished run by mail and webhook."""

from __future__ import annotations

import html
import json
import logging
from collections.abc import Mapping
from typing import Any

from airflow.providers.http.hooks.http import HttpHook
from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from sq_airflow.handoff import Handoff
from sq_airflow.measures import measures
from sq_airflow.run_folder import run_folder
from sq_airflow.settings import Settings

log = logging.getLogger(__name__)


def announce(settings: Settings) -> Any:
    """A task that sends a mail and calls the webhook, if the settings name recipients."""

    @task(task_id="announce", retries=3)
    def tell(handoff: dict) -> dict:
        context = get_current_context()
        message = summary(Handoff.parse(handoff), context["params"], settings)
        if settings.mail_to:
            with SmtpHook(smtp_conn_id=settings.smtp_conn_id) as smtp:
                smtp.send_email_smtp(
                    to=list(settings.mail_to),
                    from_email=settings.mail_from,
                    subject=f"Search quality: {message['run_id']}",
                    html_content=_letter(message),
                )
        if settings.webhook_conn_id:
            HttpHook("POST", settings.webhook_conn_id).run(
                data=json.dumps(message), headers={"Content-Type": "application/json"}
            )
        log.info("%s", message)
        return message

    return tell


def summary(handoff: Handoff, params: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """The announcement: where the run's page is, and its measures beside those of the baseline run."""
    message = {
        "run_id": handoff.run_id,
        "report": handoff.uri,
        "digest": handoff.digest,
        "pages": list(handoff.pages),
    }
    message["measures"] = measures(handoff.uri, settings.storage_conn_id)
    if params.get("baseline_run"):
        message |= _baseline(params["baseline_run"], handoff, settings)
    return message


def _baseline(run: str, handoff: Handoff, settings: Settings) -> dict[str, Any]:
    """Measures of the baseline run. A wrong run id must not fail the task: all other work is done."""
    uri = handoff.uri.replace(f"/{handoff.run_id}/", f"/{run_folder(run)}/")
    try:
        return {"baseline_run": run, "baseline_measures": measures(uri, settings.storage_conn_id)}
    except AirflowFailException as error:
        log.warning("The baseline run is not available: %s", error)
        return {"baseline_run": run, "baseline_measures": {}, "baseline_missing": str(error)}


def _letter(message: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{market}</td><td>{value:.3f}</td>"
        f"<td>{_figure(message.get('baseline_measures', {}).get(market))}</td></tr>"
        for market, value in message["measures"].items()
    )
    missing = f"<p>{html.escape(message['baseline_missing'])}</p>" if "baseline_missing" in message else ""
    head = "<tr><th>market</th><th>nDCG</th><th>baseline</th></tr>"
    return f"<p>{message['report']}</p><table>{head}{rows}</table>{missing}"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
