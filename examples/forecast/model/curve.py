"""The forecast of one series by Prophet."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

# It says that it cannot plot, which nothing here does.
logging.getLogger("prophet.plot").setLevel(logging.CRITICAL)

import prophet  # noqa: E402

# They tell of each fit otherwise.
for name in ("cmdstanpy", "prophet"):
    logging.getLogger(name).setLevel(logging.WARNING)

METHOD = f"prophet {prophet.__version__}"
_DIGITS = 3


class Estimate(NamedTuple):
    """Searches of one week: the median, and the bounds of the interval."""

    searches: float
    low: float
    high: float


class Forecaster:
    """Prophet (Taylor, Letham: Forecasting at scale, The American Statistician 2018) on logarithms of weekly counts.

    On logarithms seasons are shares of the traffic, and no bound is below zero. A season of a year is fitted from two
    years on. A week of a year has no other season.
    """

    def __init__(self, interval: float, seed: int) -> None:
        """Args:
        interval: chance that a week is within the bounds, 0..1.
        seed: of the draws for the bounds.
        """
        self._interval, self._seed = interval, seed

    def forecast(self, first: date, weeks: Sequence[int], counts: Sequence[int], ahead: int) -> list[Estimate]:
        """The weeks after the last one.

        Args:
            first: day on which week 0 begins.
            weeks: (weeks,) number of each week that was counted, rising.
            counts: (weeks,) at least 0.
            ahead: number of weeks to forecast.
        """
        model = prophet.Prophet(weekly_seasonality=False, daily_seasonality=False, interval_width=self._interval)
        model.fit(pd.DataFrame({"ds": _days(first, weeks), "y": np.log1p(counts)}), seed=self._seed)
        np.random.seed(self._seed)
        coming = range(weeks[-1] + 1, weeks[-1] + 1 + ahead)
        found = model.predict(pd.DataFrame({"ds": _days(first, coming)}))
        columns = found[["yhat", "yhat_lower", "yhat_upper"]].to_numpy()
        return [Estimate(*row) for row in np.maximum(np.expm1(columns), 0).round(_DIGITS).tolist()]


def _days(first: date, weeks: Sequence[int]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([first + timedelta(days=7 * number) for number in weeks])
