"""Fills the window of a run into the logs of one market: that of searches, and that of clicks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sq_interval.dated_uri import expand, is_dated, names_days
from sq_interval.interval_error import IntervalError
from sq_interval.log_days import FIELD as DAYS
from sq_interval.log_days import LogDays
from sq_interval.run_interval import RunInterval
from sq_interval.window import Window

# The stage's field in sq.v1.MarketConfig, and the log's field in the stage's configuration.
_LOGS = {"generate": "log", "diagnose": "clicks", "report": "clicks"}
_RUN, _FIXED, _FILES = "LOG_WINDOW_RUN", "LOG_WINDOW_FIXED", "LOG_WINDOW_FILES"
_SAY_HOW = "or set window: LOG_WINDOW_FIXED, so that all runs read the same rows"


@dataclass(frozen=True)
class MarketLogs:
    """The logs of a market, as JSON of their messages by the proto's own field names.

    Attributes:
        logs: field of the stage to its log; without those that the market does not have.
    """

    days: LogDays
    logs: Mapping[str, Mapping[str, Any]] = field(repr=False)

    @classmethod
    def of(cls, market: Mapping[str, Any]) -> MarketLogs:
        """Reads the JSON of sq.v1.MarketConfig. Raises IntervalError."""
        found = {stage: market.get(stage, {}).get(log) for stage, log in _LOGS.items()}
        return cls(LogDays.of(market.get(DAYS, {})), {stage: log for stage, log in found.items() if log})

    @property
    def any_follows(self) -> bool:
        """Whether the interval of a run changes what is read."""
        return any(_follows(log) for log in self.logs.values())

    def follows(self, stage: str) -> bool:
        """Whether the log of a stage has the days of the run, and not a window of its own."""
        return stage in self.logs and _follows(self.logs[stage])

    def filled(self, interval: RunInterval | None, *, whole: bool) -> dict[str, dict[str, Any]]:
        """All logs with their start, end and URIs.

        Args:
            interval: None for a run without one.
            whole: a log that says nothing about its window is read whole by a run without an interval.

        Raises:
            IntervalError: a log follows the interval of the run and there is none, or they do not fit.
        """
        return {stage: self._filled(stage, log, interval, whole) for stage, log in self.logs.items()}

    def applied_to(
        self, stage: str, config: Mapping[str, Any], interval: RunInterval | None, *, whole: bool
    ) -> dict[str, Any]:
        """A stage's configuration with its log filled in. A stage without a log stays as it is. Raises as `filled`."""
        if stage not in self.logs:
            return dict(config)
        return {**config, _LOGS[stage]: self._filled(stage, self.logs[stage], interval, whole)}

    def _filled(self, stage: str, log: Mapping[str, Any], interval: RunInterval | None, whole: bool) -> dict[str, Any]:
        name = f"{stage}.{_LOGS[stage]}"
        if not _follows(log):
            return self._fixed(name, log)
        if interval is None and whole and not _requires(log):
            return {**log}
        if interval is None:
            raise IntervalError(
                f"{name}.window", "is the interval of the run, and this run has none", f"give from and to, {_SAY_HOW}"
            )
        return self._within(name, log, interval.window(self.days))

    def _within(self, name: str, log: Mapping[str, Any], window: Window) -> dict[str, Any]:
        filled = self._plain(name, log) | window.timestamps()
        filled["uri"] = expand(log["uri"], window.dates(self.days.uri_zone), f"{name}.uri")
        if name == "generate.log" and self.days.time_zone:
            filled.setdefault("time_zone", self.days.time_zone)
        return filled

    def _fixed(self, name: str, log: Mapping[str, Any]) -> dict[str, Any]:
        """A fixed log as it is; its dated URIs for the days from its start to its end."""
        kept = self._plain(name, log)
        if not is_dated(log["uri"]):
            return kept
        if "start" not in log or "end" not in log:
            raise IntervalError(f"{name}.uri", "holds {date}, and the window is fixed", "give start and end")
        days = Window(_moment(log["start"]), _moment(log["end"])).dates(self.days.uri_zone)
        return kept | {"uri": expand(log["uri"], days, f"{name}.uri")}

    def _plain(self, name: str, log: Mapping[str, Any]) -> dict[str, Any]:
        """The log without `window`, unless that tells the stage not to look for times."""
        by_files = log.get("window") == _FILES
        if by_files:
            self._check_files(name, log)
        return {key: value for key, value in log.items() if key != "window" or by_files}

    def _check_files(self, name: str, log: Mapping[str, Any]) -> None:
        """Without times, only names of files say which rows belong to a day."""
        if not names_days(log["uri"]):
            raise IntervalError(
                f"{name}.uri", "has a place without a day, but window is LOG_WINDOW_FILES", "write {date} into each"
            )
        if self.days.exact or self.days.uri_zone.key != self.days.zone.key:
            raise IntervalError(
                f"{name}.window",
                "LOG_WINDOW_FILES reads the whole days of the files",
                f"remove {DAYS}.exact and {DAYS}.uri_time_zone, or use LOG_WINDOW_RUN with a column of times",
            )


def _follows(log: Mapping[str, Any]) -> bool:
    return log.get("window") != _FIXED and "start" not in log and "end" not in log


def _requires(log: Mapping[str, Any]) -> bool:
    return _follows(log) and (log.get("window") in (_RUN, _FILES) or is_dated(log["uri"]))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
