"""Mechanisms whose test and effect suffice for a claim, before overlap is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sq_effects.claim import ItemClaim
from sq_effects.discoveries import rejected
from sq_effects.effect import Effect, effect_of
from sq_effects.node import Node
from sq_effects.sample import Sample
from sq_effects.settings import EffectSettings
from sq_effects.trial import Trial

NOT_SIGNIFICANT = "the test does not tell the change from chance"
TOO_SMALL = "the traffic-weighted mean change is not above the minimum effect"


@dataclass(frozen=True)
class Candidate:
    """A tested mechanism.

    Attributes:
        trial: of the queries that the claim is about: all, or those of the claimed items.
        effect: over the queries of `trial` where it may be claimed, else over all.
        reason: why it may not be claimed, empty where it may.
    """

    trial: Trial
    node: Node
    effect: Effect
    whole: bool
    items: Mapping[str, ItemClaim]
    reason: str

    @property
    def tested(self) -> float:
        """p of what the claim is about; that of the best item where the whole is not claimed."""
        return self.node.pooled if self.whole else min((item.p for item in self.items.values()), default=1.0)


def candidates(
    trials: Sequence[Trial], nodes: Sequence[Node], sample: Sample, family: int, settings: EffectSettings
) -> tuple[list[Candidate], float]:
    """One candidate a trial, and the level of the tests within the mechanisms that were rejected.

    Benjamini-Hochberg over the mechanisms; within the R rejected of `family`, the whole and the items are each
    tested at q R / family (Benjamini, Bogomolov: Selective inference on multiple families of hypotheses, JRSS B 2014).
    """
    passed = rejected([node.p for node in nodes], family, settings.false_discovery_rate)
    level = settings.false_discovery_rate * sum(passed) / family if family else 0.0
    found = [
        _candidate(trial, node, sample, level if significant else 0.0, settings)
        for trial, node, significant in zip(trials, nodes, passed, strict=True)
    ]
    return found, level


def _candidate(trial: Trial, node: Node, sample: Sample, level: float, settings: EffectSettings) -> Candidate:
    effect = effect_of(trial, sample, settings)
    if not level:
        return Candidate(trial, node, effect, False, {}, NOT_SIGNIFICANT)
    items = _items(trial, node, sample, level, settings)
    if node.pooled <= level and large_enough(effect, settings):
        return Candidate(trial, node, effect, True, items, "")
    if not items:
        return Candidate(trial, node, effect, False, {}, TOO_SMALL)
    rows = np.flatnonzero(np.isin(np.array(trial.item), list(items)))
    part = trial.only(rows)
    return Candidate(part, node, effect_of(part, sample, settings), False, items, "")


def large_enough(effect: Effect, settings: EffectSettings) -> bool:
    return effect.mean.value > settings.minimum_effect


def _items(trial: Trial, node: Node, sample: Sample, level: float, settings: EffectSettings) -> dict[str, ItemClaim]:
    passed = rejected(list(node.items.values()), len(node.items), level)
    rows = trial.items(settings.item_minimum)
    tested = {
        item: ItemClaim(p, effect_of(trial.only(rows[item]), sample, settings))
        for (item, p), significant in zip(node.items.items(), passed, strict=True)
        if significant
    }
    return {item: claim for item, claim in tested.items() if large_enough(claim.effect, settings)}
