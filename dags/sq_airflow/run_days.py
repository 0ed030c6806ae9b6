"""Which interval a DAG run is about: that of its schedule or backfill, or the parameters from and to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from sq_airflow.failure import Failure
from sq_interval import DataInterval, GivenDays, IntervalError, MarketLogs, RunInterval

KIND = "interval"
_PARAMS = ("from", "to")
_EXTRA = ("extra.from", "extra.to")
# Runs of these types have a date of their own, which from and to would replace by the same days for every run.
_OWN = ("scheduled", "backfill")


def interval_of(context: Mapping[str, Any]) -> RunInterval | None:
    """The interval of a run; None if it has none, as with the logical date null or by an asset without a day.

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
        return GivenDays(first, end, _PARAMS)
    if start and stop and start < stop:
        return DataInterval(start, stop)
    return _of_events(context.get("triggering_asset_events") or {})


def _of_events(found: Mapping[Any, Sequence[Any]]) -> GivenDays | None:
    """The days that the events of a run by asset carry; None if none does. Airflow may start one run for several."""
    days = [_of_event(event.extra or {}) for events in found.values() for event in events]
    named = [pair for pair in days if pair]
    if not named:
        return None
    return GivenDays(min(first for first, _ in named), max(end for _, end in named), _EXTRA)


def _of_event(extra: Mapping[str, Any]) -> tuple[str, str] | None:
    if "date" in extra:
        try:
            day = date.fromisoformat(extra["date"])
        except (TypeError, ValueError):
            raise IntervalError("extra.date", f"{extra['date']!r} is not a day", "write it as 2026-01-05") from None
        return day.isoformat(), (day + timedelta(days=1)).isoformat()
    if "from" in extra or "to" in extra:
        return str(extra.get("from") or ""), str(extra.get("to") or "")
    return None


def check_days(interval: RunInterval | None, logs: Mapping[str, MarketLogs], chosen: Collection[str] | None) -> None:
    """Raises IntervalError if a market of the run has no window, or if no market uses the days that a person gave.

    Args:
        logs: those of each market.
        chosen: markets of the run; all if None or empty.
    """
    taken = {market: found for market, found in logs.items() if not chosen or market in chosen}
    given = isinstance(interval, GivenDays) and interval.names == _PARAMS
    if given and not any(found.any_follows for found in taken.values()):
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
