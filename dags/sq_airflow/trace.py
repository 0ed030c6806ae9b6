"""The trace that the stages of a DAG run stand in: Airflow's own, which it keeps with every run."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from airflow.sdk.configuration import conf

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_SAMPLED = "01"


def traceparent(ti: Any, run_id: str) -> str:
    """The parent of a stage's span, as W3C Trace Context writes it.

    Where Airflow sends traces, that is the task's own span, and its sampling decides. Else it is the DAG run's, which
    nobody sends: the stages of a run are one trace all the same.

    Args:
        ti: the task instance; its carrier is made by the scheduler, and absent in a test run.
    """
    found = _TRACEPARENT.fullmatch((getattr(ti, "context_carrier", None) or {}).get("traceparent", ""))
    if found and conf.getboolean("traces", "otel_on"):
        return found[0]
    if found:
        return f"00-{found[1]}-{found[2]}-{_SAMPLED}"
    digest = hashlib.sha256(f"{ti.dag_id}/{run_id}".encode()).hexdigest()
    return f"00-{digest[:32]}-{digest[32:48]}-{_SAMPLED}"
