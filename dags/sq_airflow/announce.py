"""The last tasks of a run: tell people and machines, judge the run as a whole, tidy up."""

from __future__ import annotations

import html
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from airflow.providers.http.hooks.http import HttpHook
from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from sq_airflow.artefacts import clean_scratch, place
from sq_airflow.handoff import Handoff
from sq_airflow.settings import Settings
from sq_airflow.stage_task import run_id_of

log = logging.getLogger(__name__)


def announce(settings: Settings) -> Any:
    """A task that writes to people and to the webhook, whichever the settings name."""

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
    """What is told of a run: where its page is, and its measures beside those of the baseline run."""
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
    """What is told of the run to compare with: all else is done by now, so that a wrong name fails nothing."""
    uri = handoff.uri.replace(f"/{handoff.run_id}/", f"/{run_id_of(run)}/")
    try:
        return {"baseline_run": run, "baseline_measures": measures(uri, settings.storage_conn_id)}
    except AirflowFailException as error:
        log.warning("nothing to compare with: %s", error)
        return {"baseline_run": run, "baseline_measures": {}, "baseline_missing": str(error)}


def measures(uri: str, storage_conn_id: str) -> dict[str, float]:
    """nDCG by market, out of the report.json beside a consolidated report.

    Raises:
        AirflowFailException: there is none.
    """
    path = place(f"{uri}/report.json", storage_conn_id)
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AirflowFailException(f"{uri} has no report.json: is that run's id right, and did it finish?") from error
    return {market["market"]: market["overall"]["ndcg"]["value"] for market in report.get("markets", ())}


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


def verdict(reports: Mapping[str, str], last: Sequence[str]) -> Any:
    """A task that fails where anything of the run is missing: the one before it runs whatever happened, and is green.

    Args:
        reports: market to the id of the task that makes its report.
        last: ids of the tasks that follow the reports.
    """

    @task(task_id="verdict", trigger_rule="all_done", retries=0)
    def judge() -> None:
        context = get_current_context()
        chosen = context["params"]["markets"]
        wanted = [task_id for market, task_id in reports.items() if market in chosen] + list(last)
        missing = [name for name in wanted if context["ti"].xcom_pull(task_ids=name, map_indexes=-1) is None]
        if missing:
            raise AirflowFailException(f"not done: {', '.join(missing)}; clear what failed to go on from there")

    return judge


def tidy(reports: Sequence[str], storage_conn_id: str) -> Any:
    """A task that removes what finished artefacts kept for their own retries."""

    @task(task_id="clean_scratch", trigger_rule="all_done", retries=1)
    def clean() -> list[str]:
        ti = get_current_context()["ti"]
        handoffs = [value for task_id in reports for value in _pulled(ti, task_id)]
        return [value["uri"] for value in handoffs if clean_scratch(value["uri"], storage_conn_id)]

    return clean


def _pulled(ti: Any, task_id: str) -> list[dict]:
    values = ti.xcom_pull(task_ids=task_id)
    return [value for value in (values if isinstance(values, list) else [values]) if value]
