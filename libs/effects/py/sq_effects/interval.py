"""Intervals of traffic-weighted figures."""

from __future__ import annotations

from scipy.special import stdtrit

from sq_effects.drawn import Drawn
from sq_effects.estimate import Interval
from sq_effects.settings import EffectSettings
from sq_effects.whole_units import shown

# A rate's variance is at least that of a yes-or-no value at this many times as many draws.
_MOST_DRAWS = 2
# Draws whose standard error is below this are equal but for rounding.
_ROUNDING = 1e-9


def change_interval(drawn: Drawn, effective: float, settings: EffectSettings) -> Interval:
    """Of a mean change of nDCG: Student's t.

    Most changes are exactly 0, so the variance rests on few draws. Its degrees of freedom are the least of
    Satterthwaite's, Kish's and those by the fourth moments. A percentile bootstrap of such draws is too short, and
    a correction for skewness made it shorter still. Where all draws are equal, the interval is that of a share: some
    of the queries that were not drawn may not change.
    """
    error = drawn.variance**0.5
    if error < _ROUNDING:
        return _of_equal_draws(drawn, effective, settings)
    two_sided, one_sided = _quantiles(min(drawn.freedom, drawn.tail_freedom, effective - 1), settings)
    return Interval(
        shown(drawn.value - two_sided * error),
        shown(drawn.value + two_sided * error),
        shown(drawn.value - one_sided * error),
    )


def _of_equal_draws(drawn: Drawn, effective: float, settings: EffectSettings) -> Interval:
    """Wilson's score interval of the share of queries that change as all draws did; the others would not change."""
    two_sided, one_sided = _quantiles(effective - 1, settings)
    known, change = drawn.value - drawn.share * drawn.mean, drawn.share * drawn.mean
    ends = [known + change * _score(1.0, effective, quantile)[0] for quantile in (two_sided, one_sided)]
    return Interval(
        shown(min(ends[0], drawn.value)), shown(max(ends[0], drawn.value)), shown(min(ends[1], drawn.value))
    )


def rate_interval(drawn: Drawn, effective: float, settings: EffectSettings) -> Interval:
    """Of a mean nDCG: Wilson's score interval on the sample size that has the variance measured.

    Many queries have an nDCG of exactly 1 or 0. Where few of the others were drawn, the variance is underestimated.
    The score interval stays within 0..1 and is longer towards the middle (Wilson, JASA 1927; for complex samples
    Franco, Little, Louis, Slud, Journal of Survey Statistics and Methodology 2019). The sample size that has the
    variance is bounded: by twice the draws where the mean is so near 0 or 1 that few draws tell it from there.
    """
    two_sided, one_sided = _quantiles(min(drawn.freedom, effective - 1), settings)
    mean = min(1.0, max(0.0, drawn.mean))
    most = effective * max(_MOST_DRAWS, min(mean, 1 - mean) * effective / 2)
    variance, largest = drawn.variance / drawn.share**2, mean * (1 - mean)
    # Where all draws are equal, both are 0 but for rounding.
    size = min(most, largest / variance) if variance and largest else most
    known = drawn.value - drawn.share * drawn.mean
    low, high = _score(mean, size, two_sided)
    at_least, _ = _score(mean, size, one_sided)
    return Interval(*(shown(known + drawn.share * bound) for bound in (low, high, at_least)))


def _quantiles(freedom: float, settings: EffectSettings) -> tuple[float, float]:
    """Student's, for an interval of two sides and of one."""
    level = settings.confidence_level
    return float(stdtrit(max(1.0, freedom), (1 + level) / 2)), float(stdtrit(max(1.0, freedom), level))


def _score(mean: float, size: float, quantile: float) -> tuple[float, float]:
    square = quantile**2 / size
    centre = (mean + square / 2) / (1 + square)
    half = quantile * (mean * (1 - mean) / size + square / (4 * size)) ** 0.5 / (1 + square)
    return max(0.0, centre - half), min(1.0, centre + half)
