"""Which interval a DAG run is about: that of its schedule or backfill, or the parameters from and to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sq_airflow.failure import Failure
from sq_interval import DataInterval, GivenDays, IntervalError, MarketLogs, RunInterval

KIND = "interval"
# Runs of these types have a date of their own, which from and to would replace by the same days for every run.
_OWN = ("scheduled", "backfill")


def interval_of(context: Mapping[str, Any]) -> RunInterval | None:
    """The interval of a run; None if it has none, as a run by asset or with the logical date null.

    Raises:
        IntervalError: from and to do not fit the run.
    """
    params = context["params"]
    first, end = params.get("from") or "", params.get("to") or ""
    start, stop = context.get("data_interval_start"), context.get("data_interval_end")
    if first or end:
        kind = getattr(context.get("dag_run"), "run_type", "")
        if getattr(kind, "value", kind) in _OWN:
            own = f"is given, and a {getattr(kind, 'value', kind)} run has the days of its own date"
            raise IntervalError("from" if first else "to", own, "leave out from and to")
        return GivenDays(first, end)
    return DataInterval(start, stop) if start and stop and start < stop else None


def check_days(interval: RunInterval | None, logs: Mapping[str, MarketLogs], chosen: Collection[str] | None) -> None:
    """Raises IntervalError if a market of the run has no window, or if no market uses the days that a person gave.

    Args:
        logs: those of each market.
        chosen: markets of the run; all if None or empty.
    """
    taken = {market: found for market, found in logs.items() if not chosen or market in chosen}
    if isinstance(interval, GivenDays) and not any(found.any_follows for found in taken.values()):
        fix = "leave out from and to, or remove start, end and window from the logs"
        raise IntervalError("from", "changes nothing, because all logs have a fixed window", fix)
    for found in taken.values():
        found.filled(interval, whole=False)


@contextmanager
def explained(title: str) -> Iterator[None]:
    """Turns an IntervalError into the failure of a task."""
    try:
        yield
    except IntervalError as error:
        raise Failure(KIND, f"The run's days do not fit: {error}.", retry=False).error(title) from None
