"""Which days of a log a run reads. `sq run` and the DAGs share it, and it needs the standard library alone."""

from sq_interval.interval_error import IntervalError
from sq_interval.log_days import LogDays
from sq_interval.market_logs import MarketLogs
from sq_interval.run_interval import DataInterval, GivenDays, RunInterval
from sq_interval.window import Window

__all__ = ["DataInterval", "GivenDays", "IntervalError", "LogDays", "MarketLogs", "RunInterval", "Window"]
