"""How often the report claims a cause in a healthy market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from sq_claims.healthy import HEALTHY
from sq_claims.market import healthy_trial, market_of
from sq_claims.rate import Rate
from sq_claims.workers import each
from sq_effects import EffectSettings, diagnose

MECHANISMS = 12
SIZES = (300, 3000)


@dataclass(frozen=True)
class FalseClaims:
    """Healthy markets of one kind.

    Attributes:
        kind: of changes; see `healthy`.
        markets: share of the markets with any claim.
        tests: share of the mechanisms whose test alone is significant at 5 %.
    """

    kind: str
    markets: Rate
    tests: Rate


def false_claims(markets: int) -> list[FalseClaims]:
    return [_of_kind(kind, markets) for kind in HEALTHY]


def _of_kind(kind: str, markets: int) -> FalseClaims:
    found: Sequence[tuple[bool, int]] = each(partial(_market, kind), markets)
    return FalseClaims(
        kind,
        Rate(sum(claimed for claimed, _ in found), markets),
        Rate(sum(significant for _, significant in found), markets * MECHANISMS),
    )


def _market(kind: str, number: int) -> tuple[bool, int]:
    rng = np.random.default_rng([number, *kind.encode()])
    low, high = np.log(SIZES)
    market = market_of(rng, int(np.exp(rng.uniform(low, high))))
    trials = [healthy_trial(rng, market, HEALTHY[kind], f"mechanism {place}") for place in range(MECHANISMS)]
    diagnosis = diagnose(trials, market.sample, MECHANISMS, EffectSettings(seed=number))
    return bool(diagnosis.claims), sum(result.node.pooled <= 0.05 for result in diagnosis.results)
