"""What a mechanism's repair would win back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sq_effects.estimate import Estimate
from sq_effects.rules import Rules
from sq_effects.sample import Sample
from sq_effects.settings import EffectSettings
from sq_effects.trial import Trial
from sq_effects.weighted_mean import market_gain, mean_change
from sq_effects.whole_units import exact_sum, shown


@dataclass(frozen=True)
class Effect:
    """The effect of a mechanism, or of one of its items, over all eligible queries.

    Attributes:
        gain: change of the market's mean nDCG; its effective sample is that of the eligible queries.
        mean: traffic-weighted mean change of nDCG of the eligible queries.
        vote_mean: mean change with one vote a query, which the test is about.
        better, worse: eligible queries with a change above and below 0.
        change: (eligible,) of each query under the rule that was learned without it.
    """

    gain: Estimate
    mean: Estimate
    vote_mean: float
    better: int
    worse: int
    change: NDArray[np.float64]


def effect_of(trial: Trial, sample: Sample, settings: EffectSettings) -> Effect:
    """The held-out effect.

    Where the folds disagree about the rule, the held-out changes understate what the suggested rule does, and its own
    changes overstate it. The interval then reaches from the low end of the former to the high end of the latter.
    """
    rules = Rules.of(trial, sample, settings)
    change = rules.held_out()
    eligible = np.zeros(len(sample), dtype=bool)
    eligible[trial.query] = True
    held_out, suggested = np.zeros(len(sample)), np.zeros(len(sample))
    held_out[trial.query], suggested[trial.query] = change, rules.in_sample()
    gain, mean = (figure(sample, held_out, eligible, settings) for figure in (market_gain, mean_change))
    if (held_out != suggested).any():
        gain = _reaching(gain, market_gain(sample, suggested, eligible, settings))
        mean = _reaching(mean, mean_change(sample, suggested, eligible, settings))
    return Effect(
        gain=gain,
        mean=mean,
        vote_mean=shown(exact_sum(change) / len(change)) if len(change) else 0.0,
        better=int(np.count_nonzero(change > 0)),
        worse=int(np.count_nonzero(change < 0)),
        change=change,
    )


def _reaching(held_out: Estimate, suggested: Estimate) -> Estimate:
    if held_out.interval is None or suggested.interval is None:
        return replace(held_out, interval=None)
    high = max(held_out.interval.high, suggested.interval.high)
    return replace(held_out, interval=replace(held_out.interval, high=high))
