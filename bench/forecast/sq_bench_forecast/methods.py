"""Methods that forecast a series of weekly counts."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsforecast.models import MSTL, AutoARIMA, AutoETS, AutoTheta, Naive, SeasonalNaive

INTERVAL = 0.8
_YEAR = 52
_SEED = 1

# From counts by week (weeks,) and the number of weeks to forecast to an array (ahead, 3): searches, low, high.
Method = Callable[[pd.Series, int], NDArray[np.float64]]


def methods() -> Mapping[str, Method]:
    """All methods, by name. Those of statsforecast run on logarithms, as the model does."""
    return {
        "Prophet (the model)": _model(),
        "last week": _stats(Naive()),
        "same week last year": _stats(SeasonalNaive(_YEAR)),
        "AutoETS": _stats(AutoETS(season_length=1)),
        "AutoARIMA": _stats(AutoARIMA(season_length=1)),
        "AutoTheta, season of a year": _stats(AutoTheta(season_length=_YEAR)),
        "MSTL, season of a year, with AutoETS": _stats(
            MSTL(season_length=_YEAR, trend_forecaster=AutoETS(season_length=1, model="ZZN"))
        ),
    }


def _stats(model: object) -> Method:
    level = round(100 * INTERVAL)

    def forecast(counts: pd.Series, ahead: int) -> NDArray[np.float64]:
        found = model.forecast(np.log1p(counts.to_numpy(dtype=np.float64)), h=ahead, level=[level])
        return np.expm1(np.column_stack([found[key] for key in ("mean", f"lo-{level}", f"hi-{level}")]))

    return forecast


def _model() -> Method:
    """The code that the forecast model has in its folder."""
    forecaster = _curve().Forecaster(INTERVAL, _SEED)

    def forecast(counts: pd.Series, ahead: int) -> NDArray[np.float64]:
        first = counts.index[0].date()
        return np.array(forecaster.forecast(first, range(len(counts)), counts.to_numpy(), ahead))

    return forecast


def _curve() -> ModuleType:
    path = Path(__file__).parents[3] / "examples/forecast/model/curve.py"
    spec = importlib.util.spec_from_file_location("curve", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
