"""Where the runbook is: docs/runbook.md of the project, or the URL that the settings give."""

from __future__ import annotations

from functools import cache

from sq_airflow.places import Places
from sq_airflow.settings import read_settings

_FILE = "docs/runbook.md"


def heading(kind: str) -> str:
    """The link to a heading of the runbook, such as "docs/runbook.md#oomkilled"."""
    return f"{_url()}#{kind}"


@cache
def _url() -> str:
    """A task fails for its own reason, also if the settings cannot be read."""
    try:
        return read_settings(Places.from_environment().settings).runbook_url or _FILE
    except (OSError, ValueError):
        return _FILE
