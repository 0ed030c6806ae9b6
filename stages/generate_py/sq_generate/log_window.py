"""The time window of a log in words, for the page."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from google.protobuf.timestamp_pb2 import Timestamp

from sq.v1.generate_config_pb2 import QueryLog
from sq.v1.query_pb2 import QueryLogSummary
from sq_generate.forecast import Forecast
from sq_stagekit import InputError

_MINUTE = "%Y-%m-%d %H:%M"


def window_of(log: QueryLog, forecast: Forecast | None = None) -> QueryLogSummary:
    """A summary with the window's fields alone; empty for a log without start and end.

    Args:
        forecast: by which the queries are weighed. The words say so.

    Raises:
        InputError: the time zone is unknown.
    """
    made = QueryLogSummary()
    for field in ("start", "end"):
        if log.HasField(field):
            getattr(made, field).CopyFrom(getattr(log, field))
    zone = _zone(log.time_zone)
    words = _words(made, zone)
    if forecast:
        words = f"{words or 'all days'}, weighed by the forecast of {_words(forecast.window, zone)}"
    made.window = f"{words} ({zone.key})" if words else ""
    return made


def _words(window: QueryLogSummary, zone: ZoneInfo) -> str:
    start = _local(window.start, zone) if window.HasField("start") else None
    end = _local(window.end, zone) if window.HasField("end") else None
    if start and end and start.time() == end.time() == time():
        last = end.date() - timedelta(days=1)
        return f"{start:%Y-%m-%d}" + ("" if last == start.date() else f" to {last:%Y-%m-%d}")
    if start and end:
        return f"{start.strftime(_MINUTE)} to {end.strftime(_MINUTE)}"
    if start:
        return f"from {start.strftime(_MINUTE)}"
    return f"until {end.strftime(_MINUTE)}" if end else ""


def _local(moment: Timestamp, zone: ZoneInfo) -> datetime:
    return moment.ToDatetime(UTC).astimezone(zone)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            "log.time_zone", f"{name!r} is not a time zone", "give a name such as Europe/London"
        ) from error
