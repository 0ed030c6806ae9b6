"""Refuses parameters that a DAG does not have: Airflow itself keeps and ignores them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from sq_airflow.failure import Failure

KIND = "unknown-parameter"


def refuse_unknown(title: str, conf: Mapping[str, Any] | None, known: Iterable[str]) -> None:
    """Raises AirflowFailException if a run was triggered with a parameter that is not known.

    Args:
        title: of the task.
        conf: what the run was triggered with.
        known: names of the DAG's parameters.
    """
    known = sorted(known)
    unknown = sorted(set(conf or ()) - set(known))
    if not unknown:
        return
    close = difflib.get_close_matches(unknown[0], known, 1)
    hint = f"; did you mean {close[0]}?" if close else f"; parameters of this DAG: {', '.join(known)}"
    raise Failure(KIND, f"The run has the unknown parameter {', '.join(unknown)}{hint}", retry=False).error(title)
