"""Traffic-weighted means over a sample, with intervals that follow its design."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sq_report.effects.drawn import Drawn, effective_drawn
from sq_report.effects.estimate import Estimate, Interval
from sq_report.effects.interval import change_interval, rate_interval
from sq_report.effects.sample import Sample
from sq_report.effects.settings import EffectSettings
from sq_report.effects.whole_units import shown


def mean_rate(
    sample: Sample, values: NDArray[np.float64], domain: NDArray[np.bool_], settings: EffectSettings
) -> Estimate:
    """Mean by traffic of values in 0..1 (nDCG, P, zero results) over a segment, or over the market."""
    return _estimate(sample, values, domain, domain, settings, rate_interval)


def mean_change(
    sample: Sample, values: NDArray[np.float64], domain: NDArray[np.bool_], settings: EffectSettings
) -> Estimate:
    """Mean by traffic of changes in -1..1 over a part of the sample: a mechanism's eligible queries."""
    return _estimate(sample, values, domain, domain, settings, change_interval)


def market_gain(
    sample: Sample, values: NDArray[np.float64], domain: NDArray[np.bool_], settings: EffectSettings
) -> Estimate:
    """What changes of a part of the sample add to the mean of the market; the other queries do not change.

    Its effective sample is that of the part.
    """
    everything = np.ones(len(sample), dtype=bool)
    return _estimate(sample, np.where(domain, values, 0.0), everything, domain, settings, change_interval)


def _estimate(
    sample: Sample,
    values: NDArray[np.float64],
    base: NDArray[np.bool_],
    domain: NDArray[np.bool_],
    settings: EffectSettings,
    interval: Callable[[Drawn, float, EffectSettings], Interval],
) -> Estimate:
    if not base.any():
        return Estimate(0.0, 0, 0.0, None)
    drawn, effective = Drawn.of(sample, values, base), effective_drawn(sample, domain)
    return Estimate(
        value=shown(drawn.value),
        queries=int(np.count_nonzero(domain)),
        effective=shown(effective),
        interval=interval(drawn, effective, settings) if effective >= settings.minimum_effective else None,
    )
