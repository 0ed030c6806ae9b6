"""The trace of a DAG run's stages: the one that Airflow keeps with the run."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from airflow.sdk.configuration import conf

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_SAMPLED = "01"


def traceparent(ti: Any, run_id: str) -> str:
    """The parent of a stage's span, in the format of W3C Trace Context.

    If Airflow sends traces, the parent is the task's own span, with its sampling decision. Otherwise it is the DAG
    run's span, which nobody sends; the stages of a run still share one trace.

    Args:
        ti: the task instance. The scheduler sets its context carrier; a test run has none.
    """
    found = _TRACEPARENT.fullmatch((getattr(ti, "context_carrier", None) or {}).get("traceparent", ""))
    if found and conf.getboolean("traces", "otel_on"):
        return found[0]
    if found:
        return f"00-{found[1]}-{found[2]}-{_SAMPLED}"
    digest = hashlib.sha256(f"{ti.dag_id}/{run_id}".encode()).hexdigest()
    return f"00-{digest[:32]}-{digest[32:48]}-{_SAMPLED}"
