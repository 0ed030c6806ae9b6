"""Refuses a log whose window or dates are still those of a run: only `sq run` and Airflow fill them in."""

from __future__ import annotations

from google.protobuf.message import Message

from sq.v1.log_window_pb2 import LOG_WINDOW_FILES, LOG_WINDOW_RUN
from sq_stagekit.errors import InputError

_FIX = "run `sq run` with --from and --to, or Airflow's DAG, which fill it in"


def check_filled(log: Message, field: str) -> None:
    """Raises InputError if a log (QueryLog or ClickLog) has no window or dates yet.

    Args:
        field: of the log, such as "log".
    """
    if log.window == LOG_WINDOW_RUN:
        raise InputError(f"{field}.window", "is the interval of a run, and start and end are missing", _FIX)
    if log.window == LOG_WINDOW_FILES and not (log.HasField("start") and log.HasField("end")):
        raise InputError(f"{field}.window", "is the days in uri, and start and end are missing", _FIX)
    for number, uri in enumerate(log.uri):
        if "{date" in uri:
            raise InputError(f"{field}.uri[{number}]", f"{uri} holds a date that is not filled in", _FIX)
