"""Greedy attribution: what each claim wins back that the claims before it do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sq_effects.candidates import Candidate, large_enough
from sq_effects.claim import Claim
from sq_effects.effect import Effect, effect_of
from sq_effects.sample import Sample
from sq_effects.settings import EffectSettings
from sq_effects.sign_flip import flip_p
from sq_effects.suggestions import suggestions
from sq_effects.whole_units import shown

EXPLAINED = "the claims win back what it would"


def attribute(
    found: Sequence[Candidate], sample: Sample, level: float, settings: EffectSettings
) -> tuple[list[Claim], list[str]]:
    """Claims in the order of what they add, and the mechanisms that the claims explain.

    The candidate that adds most comes first; those that the judge cannot contradict come last. What the others add is
    then what their forms win back beyond the attributed forms of the same query; a harm counts whole. It is tested anew
    at the same level and has to exceed the minimum effect.

    Args:
        level: of the tests within the rejected mechanisms.
    """
    recovered = np.zeros(len(sample))
    waiting = list(found)
    claims: list[Claim] = []
    explained: list[str] = []
    while waiting:
        rest = [(candidate.trial.less(recovered), candidate) for candidate in waiting]
        trial, effect, first = min(
            ((trial, effect_of(trial, sample, settings), candidate) for trial, candidate in rest),
            key=lambda left: (left[0].uncontested, -left[1].gain.value, left[0].mechanism),
        )
        waiting.remove(first)
        p = flip_p(trial, sample, settings, f"{trial.mechanism}/left/{len(claims)}") if claims else first.tested
        if p > level or not large_enough(effect, settings):
            explained.append(trial.mechanism)
            continue
        claims.append(_claim(first, effect, p, sample, settings))
        recovered[trial.query] += np.maximum(effect.change, 0)
    return claims, explained


def _claim(candidate: Candidate, left: Effect, left_p: float, sample: Sample, settings: EffectSettings) -> Claim:
    return Claim(
        mechanism=candidate.trial.mechanism,
        query=candidate.trial.query,
        whole=candidate.whole,
        node=candidate.node,
        alone=candidate.effect,
        left=left,
        left_p=left_p,
        shared=shown(candidate.effect.gain.value - left.gain.value),
        items=candidate.items,
        rules=suggestions(candidate.trial, sample, settings),
    )
