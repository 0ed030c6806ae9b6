"""The statistics of diagnosis by intervention: arrays in, claims out. See docs/measures.md, "How claims are tested"."""

from sq_report.effects.claim import Claim, ItemClaim, Result
from sq_report.effects.diagnosis import Diagnosis, diagnose
from sq_report.effects.effect import Effect, effect_of
from sq_report.effects.estimate import Estimate, Interval
from sq_report.effects.sample import Sample
from sq_report.effects.settings import EffectSettings
from sq_report.effects.stability import changed_places, unstable
from sq_report.effects.trial import Trial
from sq_report.effects.weighted_mean import market_gain, mean_change, mean_rate

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
    "market_gain",
    "mean_change",
    "mean_rate",
    "unstable",
]
