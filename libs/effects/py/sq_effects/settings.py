"""How effects are tested and shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EffectSettings:
    """Settings of the tests and of the intervals.

    Attributes:
        false_discovery_rate: q of the claims, 0..1.
        minimum_effect: a claim's traffic-weighted mean change of nDCG over its eligible queries has to exceed this.
        flips: random sign flips of a test; where fewer patterns exist, all are enumerated.
        quick_flips: flips of the first look, which ends a test whose p is above `quick_above`.
        finer_flips: flips of the last look, which a p of at most `finer_below` gets.
        item_minimum: eligible queries from which an item carries a test of its own and can learn its own rule.
        folds: of the cross-fitting.
        confidence_level: of two-sided intervals, and of the one-sided lower bound.
        minimum_effective: Kish's effective sample below which no interval is given.
        minimum_moved: effective sample of queries that change below which a change has no interval.
        unstable_share: share of top-k places that may differ when the same queries are asked again.
        seed: of the flips.
    """

    false_discovery_rate: float = 0.05
    minimum_effect: float = 0.01
    flips: int = 2000
    quick_flips: int = 200
    quick_above: float = 0.2
    finer_flips: int = 1 << 16
    finer_below: float = 0.005
    item_minimum: int = 8
    folds: int = 5
    confidence_level: float = 0.95
    minimum_effective: float = 30
    minimum_moved: float = 5
    unstable_share: float = 0.02
    seed: int = 0
