"""The tests of one mechanism: the whole and its items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sq_effects.discoveries import simes
from sq_effects.sample import Sample
from sq_effects.settings import EffectSettings
from sq_effects.sign_flip import flip_p
from sq_effects.trial import Trial


@dataclass(frozen=True)
class Node:
    """p-values of a mechanism.

    Attributes:
        p: that nothing about the mechanism helps; what Benjamini-Hochberg sees.
        pooled: of the test over all eligible queries.
        items: of each item with a test of its own.
    """

    p: float
    pooled: float
    items: Mapping[str, float]


def node_of(trial: Trial, sample: Sample, settings: EffectSettings) -> Node:
    """Tests a mechanism.

    An item has a test where it has `item_minimum` eligible queries, which is known before any result is.
    p is Bonferroni's over the two ways to be significant: the whole, and Simes of the items. A mechanism without
    such an item, or of one item alone, has one way only.
    """
    pooled = flip_p(trial, sample, settings, trial.mechanism)
    tested = trial.items(settings.item_minimum)
    if any(len(rows) == len(trial) for rows in tested.values()):
        return Node(p=pooled, pooled=pooled, items=dict.fromkeys(tested, pooled))
    items = {
        item: flip_p(trial.only(rows), sample, settings, f"{trial.mechanism}/{item}") for item, rows in tested.items()
    }
    if not items:
        return Node(p=pooled, pooled=pooled, items={})
    return Node(p=min(1.0, 2 * min(pooled, simes(list(items.values())))), pooled=pooled, items=items)
