"""A weekly forecast of segments' traffic by Prophet, from the query sets of past weeks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from google.protobuf.timestamp_pb2 import Timestamp

from sq.v1.forecast_pb2 import ForecastRecord, ForecastSummary, SegmentForecast, WeekForecast
from sq.v1.query_pb2 import QuerySetRecord

from .curve import METHOD, Estimate, Forecaster
from .history import WEEK, History, read_history


class Model:
    """settings.json says how many weeks to forecast, how many weeks and segments to read, and the intervals' width."""

    def __init__(self, folder: Path) -> None:
        self._settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
        self._forecaster = Forecaster(self._settings["interval"], self._settings["seed"])

    def run(self, inputs: Mapping[str, Iterable[QuerySetRecord]]) -> Iterator[ForecastRecord]:
        """Yields a summary; then a record for each segment, most searches first; at last that of all others.

        Raises:
            InputError: the query sets are too few, or not of weeks that follow one another.
        """
        history = read_history(inputs["queries"], self._settings["fewest_weeks"], self._settings["segments"])
        yield ForecastRecord(summary=self._summary(history))
        for name, searches in history.segments.items():
            yield ForecastRecord(segment=SegmentForecast(segment_id=name, weeks=self._weeks(history, searches)))
        weeks = self._weeks(history, history.others)
        yield ForecastRecord(segment=SegmentForecast(others=True, weeks=weeks))

    def _summary(self, history: History) -> ForecastSummary:
        summary = ForecastSummary(method=METHOD, history_weeks=len(history.weeks), interval=self._settings["interval"])
        summary.history_start.FromDatetime(history.start)
        summary.history_end.FromDatetime(history.end)
        return summary

    def _weeks(self, history: History, searches: list[int]) -> list[WeekForecast]:
        made = self._forecaster.forecast(history.start.date(), history.weeks, searches, self._settings["weeks"])
        return [_week(history, number, estimate) for number, estimate in enumerate(made)]


def _week(history: History, number: int, estimate: Estimate) -> WeekForecast:
    start = history.end + number * WEEK
    return WeekForecast(start=_time(start), end=_time(start + WEEK), **estimate._asdict())


def _time(moment: object) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(moment)
    return made
