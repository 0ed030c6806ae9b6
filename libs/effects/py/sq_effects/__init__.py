"""The statistics of diagnosis by intervention: arrays in, claims out. See docs/measures.md, "How claims are tested"."""

from sq_effects.claim import Claim, ItemClaim, Result
from sq_effects.diagnosis import Diagnosis, diagnose
from sq_effects.effect import Effect, effect_of
from sq_effects.estimate import Estimate, Interval
from sq_effects.sample import Sample
from sq_effects.settings import EffectSettings
from sq_effects.sign_flip import flip_p
from sq_effects.stability import changed_places, unstable
from sq_effects.trial import Trial
from sq_effects.weighted_mean import market_gain, mean_change, mean_rate

__all__ = [
    "Claim",
    "Diagnosis",
    "Effect",
    "EffectSettings",
    "Estimate",
    "Interval",
    "ItemClaim",
    "Result",
    "Sample",
    "Trial",
    "changed_places",
    "diagnose",
    "effect_of",
    "flip_p",
    "market_gain",
    "mean_change",
    "mean_rate",
    "unstable",
]
