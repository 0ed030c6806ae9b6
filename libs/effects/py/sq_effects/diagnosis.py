"""All mechanisms of a market: what is claimed and why the rest is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sq_effects.attribution import EXPLAINED, attribute
from sq_effects.candidates import candidates
from sq_effects.claim import Claim, Result
from sq_effects.effect import effect_of
from sq_effects.node import node_of
from sq_effects.sample import Sample
from sq_effects.settings import EffectSettings
from sq_effects.trial import Trial


@dataclass(frozen=True)
class Diagnosis:
    """Attributes:
    claims: in the order of what they add to each other.
    results: of every trial, in the order given.
    recovered: points of the market's nDCG that all claims win back together.
    unstable: why nothing is claimed, empty where claims were looked for.
    """

    claims: Sequence[Claim]
    results: Sequence[Result]
    recovered: float
    unstable: str


def diagnose(
    trials: Sequence[Trial], sample: Sample, family: int, settings: EffectSettings, unstable: str = ""
) -> Diagnosis:
    """Tests, claims and attributes.

    Args:
        trials: one a mechanism; those with no eligible query may be left out.
        family: mechanisms that had eligible queries before any result was seen, those stopped since among them.
        unstable: why nothing can be claimed; see `stability.unstable`.

    Raises:
        ValueError: two trials of one mechanism, a query number outside the sample, more trials than `family`.
    """
    names = [trial.mechanism for trial in trials]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two trials of mechanism {twice[0]}")
    for trial in trials:
        if len(trial) and not 0 <= trial.query.min() <= trial.query.max() < len(sample):
            raise ValueError(f"{trial.mechanism}: a query number outside the sample of {len(sample)}")
    nodes = [node_of(trial, sample, settings) for trial in trials]
    if unstable:
        effects = [effect_of(trial, sample, settings) for trial in trials]
        return Diagnosis([], [Result(*of, unstable) for of in zip(names, nodes, effects, strict=True)], 0.0, unstable)
    found, level = candidates(trials, nodes, sample, family, settings)
    claims, explained = attribute([one for one in found if not one.reason], sample, level, settings)
    results = [
        Result(name, one.node, one.effect, EXPLAINED if name in explained else one.reason)
        for name, one in zip(names, found, strict=True)
    ]
    return Diagnosis(claims, results, float(np.round(sum(claim.left.gain.value for claim in claims), 9)), "")
