"""Prints the table of forecasts of docs/models.md: each method forecasts four weeks, once a quarter.

bazelw run //bench/forecast
"""

from __future__ import annotations

import sys
import time
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sq_bench_forecast.methods import Method, methods
from sq_bench_forecast.series import read_series

AHEAD = 4
# Weeks from one forecast to the next.
_STEP = 12
# Weeks before the first forecast: three years, so that two seasons of a year are known.
_FIRST = 156
_DRAWS = 5000
_MODEL = "Prophet (the model)"


@dataclass(frozen=True)
class Outcome:
    """Attributes:
    error: (origins,) absolute logarithm of forecast by actual, of the sum of the weeks; 0.1 is about 10 %. Too high
        and too low count alike, and a week with a peak counts as any other.
    covered: share of single weeks within their interval.
    width: median width of the interval, as a share of the week's count.
    seconds: of one forecast, on average.
    """

    error: NDArray[np.float64]
    covered: float
    width: float
    seconds: float


def main() -> int:
    warnings.simplefilter("ignore")
    for name, counts in read_series().items():
        origins = range(_FIRST, len(counts) - AHEAD + 1, _STEP)
        print(f"\n{name}: {len(counts)} weeks from {counts.index[0]:%Y-%m-%d}, {len(origins)} forecasts", flush=True)
        print("| method | error of four weeks | more than Prophet's | weeks in the 80 % interval | width | seconds |")
        print("|" + " --- |" * 6, flush=True)
        found: dict[str, Outcome] = {}
        for method, forecast in methods().items():
            found[method] = _outcome(forecast, counts, origins)
            _row(method, found[method], found[_MODEL])
    return 0


def _outcome(forecast: Method, counts: pd.Series, origins: range) -> Outcome:
    started = time.perf_counter()
    made = np.array([forecast(counts.iloc[:origin], AHEAD) for origin in origins])
    seconds = (time.perf_counter() - started) / len(origins)
    actual = np.array([counts.iloc[origin : origin + AHEAD].to_numpy() for origin in origins])
    searches, low, high = (made[:, :, column] for column in range(3))
    error = np.abs(np.log(searches.sum(axis=1) / actual.sum(axis=1)))
    covered = ((low <= actual) & (actual <= high)).mean()
    return Outcome(error, float(covered), float(np.median((high - low) / actual)), seconds)


def _row(name: str, own: Outcome, model: Outcome) -> None:
    more = "–" if own is model else _interval(own.error - model.error)
    cells = [name, f"{own.error.mean():.3f}", more, f"{own.covered:.0%}", f"{own.width:.0%}", f"{own.seconds:.2f}"]
    print("| " + " | ".join(cells) + " |", flush=True)


def _interval(values: NDArray[np.float64]) -> str:
    """Mean with its 95 % interval: bootstrap over blocks of a year, because neighbours are alike."""
    block = 52 // _STEP
    rng = np.random.default_rng(1)
    starts = rng.integers(0, len(values), (_DRAWS, -(-len(values) // block)))
    places = (starts[:, :, None] + np.arange(block)) % len(values)
    means = values[places.reshape(_DRAWS, -1)[:, : len(values)]].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return f"{values.mean():+.3f} ({low:+.3f} to {high:+.3f})"


if __name__ == "__main__":
    sys.exit(main())
