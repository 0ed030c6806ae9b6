"""Mails about tasks that fail or are retried."""

from __future__ import annotations

from typing import Any

from airflow.providers.smtp.notifications.smtp import SmtpNotifier

from sq_airflow.settings import Settings

_LETTER = """\
<p>Run <b>{{ run_id }}</b>, task <b>{{ ti.task_id }}</b>, attempt {{ ti.try_number }} of {{ ti.max_tries + 1 }}.</p>
<pre>{{ exception | default("") | e }}</pre>
<p><a href="{{ ti.log_url }}">Log</a></p>
"""


def mail(settings: Settings) -> dict[str, Any]:
    """Callbacks that send a mail when a task fails or is retried; none without recipients."""
    if not settings.mail_to:
        return {}
    notifier = {
        "html_content": _LETTER,
        "to": list(settings.mail_to),
        "from_email": settings.mail_from,
        "smtp_conn_id": settings.smtp_conn_id,
    }
    return {
        "on_failure_callback": [SmtpNotifier(subject=_subject("failed"), **notifier)],
        "on_retry_callback": [SmtpNotifier(subject=_subject("will be retried"), **notifier)],
    }


def _subject(what: str) -> str:
    return "{{ dag.dag_id }}: {{ ti.task_id }} " + what + " (attempt {{ ti.try_number }})"
