"""Traffic-weighted means over a sample, with intervals that follow its design."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sq_effects.drawn import Drawn, effective_drawn
from sq_effects.estimate import Estimate, Interval
from sq_effects.interval import change_interval, rate_interval
from sq_effects.sample import Sample
from sq_effects.settings import EffectSettings
from sq_effects.whole_units import shown


def mean_rate(
    sample: Sample, values: NDArray[np.float64], domain: NDArray[np.bool_], settings: EffectSettings
) -> Estimate:
    """Mean by traffic of values in 0..1 (nDCG, P, zero results) over a segment, or over the market."""
    if not domain.any():
        return Estimate(0.0, 0, 0.0, None)
    drawn, effective = Drawn.of(sample, values, domain), effective_drawn(sample, domain)
    shows = effective >= settings.minimum_effective
    return _estimate(drawn, domain, effective, rate_interval(drawn, effective, settings) if shows else None)


def mean_change(
    sample: Sample, values: NDArray[np.float64], domain: NDArray[np.bool_], settings: EffectSettings
) -> Estimate:
    """Mean by traffic of changes in -1..1 over a part of the sample: a mechanism's eligible queries."""
    return _change(sample, values, domain, domain, settings)


def market_gain(
    sample: Sample, values: NDArray[np.float64], domain: NDArray[np.bool_], settings: EffectSettings
) -> Estimate:
    """What changes of a part of the sample add to the mean of the market; the other queries do not change.

    Its effective sample is that of the part.
    """
    return _change(sample, np.where(domain, values, 0.0), np.ones(len(sample), dtype=bool), domain, settings)


def _change(
    sample: Sample,
    values: NDArray[np.float64],
    base: NDArray[np.bool_],
    domain: NDArray[np.bool_],
    settings: EffectSettings,
) -> Estimate:
    if not domain.any():
        return Estimate(0.0, 0, 0.0, None)
    drawn, effective = Drawn.of(sample, values, base), effective_drawn(sample, domain)
    moved = effective_drawn(sample, domain & (values != 0))
    shows = effective >= settings.minimum_effective and moved >= settings.minimum_moved
    return _estimate(drawn, domain, effective, change_interval(drawn, effective, settings) if shows else None)


def _estimate(drawn: Drawn, domain: NDArray[np.bool_], effective: float, interval: Interval | None) -> Estimate:
    return Estimate(shown(drawn.value), int(np.count_nonzero(domain)), shown(effective), interval)
