"""How often the report claims a real effect, and how often a claim among real ones is false."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from sq_claims.healthy import HEALTHY
from sq_claims.market import healthy_trial, market_of
from sq_claims.planted import planted_trial, two_items
from sq_claims.rate import Rate
from sq_claims.workers import each
from sq_effects import EffectSettings, diagnose

FAMILY = 14
ELIGIBLE = (5, 8, 9, 10, 15, 30)
HELPED = (1.0, 0.8, 0.6)
_QUERIES = 600


@dataclass(frozen=True)
class Power:
    """How often a planted mechanism is claimed.

    Attributes:
        eligible: number of its queries.
        helped: share of these that its change helps.
        alone: share of the markets that claim it if it is the only effect among FAMILY mechanisms.
        among: the same with four other planted mechanisms of 30 queries each.
    """

    eligible: int
    helped: float
    alone: Rate
    among: Rate


@dataclass(frozen=True)
class FalseAmong:
    """Claims of markets with four planted mechanisms of twelve.

    Attributes:
        kind: of the changes of the other eight.
        share: mean over the markets of the share of false claims; 0 for a market without claims.
        mechanisms: share of false claims among all claims of mechanisms.
        items: share of false claims among all claims of items.
    """

    kind: str
    share: float
    mechanisms: Rate
    items: Rate


def power(markets: int) -> list[Power]:
    rows = []
    for eligible in ELIGIBLE:
        for helped in HELPED:
            found = each(partial(_looked_for, eligible, helped), markets)
            alone, among = (Rate(sum(column), markets) for column in zip(*found, strict=True))
            rows.append(Power(eligible, helped, alone, among))
    return rows


def _looked_for(eligible: int, helped: float, number: int) -> tuple[bool, bool]:
    rng = np.random.default_rng([number, eligible, int(100 * helped)])
    market = market_of(rng, _QUERIES)
    wanted = planted_trial(rng, market, eligible, helped, "wanted")
    others = [planted_trial(rng, market, 30, 0.8, f"other {place}") for place in range(4)]
    settings = EffectSettings(seed=number)
    alone, among = (
        diagnose(trials, market.sample, FAMILY, settings).claims for trials in ([wanted], [wanted, *others])
    )
    return bool(alone), any(claim.mechanism == "wanted" for claim in among)


def false_among(markets: int) -> list[FalseAmong]:
    return [_of_kind(kind, markets) for kind in HEALTHY]


def _of_kind(kind: str, markets: int) -> FalseAmong:
    found = each(partial(_claims, kind), markets)
    claims, wrong, items, wrong_items = (sum(column) for column in zip(*found, strict=True))
    share = sum(false / max(1, all_) for all_, false, _, _ in found) / markets
    return FalseAmong(kind, share, Rate(wrong, claims), Rate(wrong_items, items))


def _claims(kind: str, number: int) -> tuple[int, int, int, int]:
    """Counts the claims of mechanisms, the false ones, the claims of items, and the false ones."""
    rng = np.random.default_rng([number, 1, *kind.encode()])
    market = market_of(rng, int(np.exp(rng.uniform(np.log(300), np.log(2000)))))
    real = [planted_trial(rng, market, eligible, 0.8, f"real {eligible}") for eligible in (10, 20, 40)]
    healthy = [healthy_trial(rng, market, HEALTHY[kind], f"healthy {place}") for place in range(8)]
    trials = [*real, two_items(rng, market, 20, "two items"), *healthy]
    claims = diagnose(trials, market.sample, len(trials), EffectSettings(seed=number)).claims
    items = [item for claim in claims if claim.mechanism == "two items" for item in claim.items]
    wrong = sum(claim.mechanism.startswith("healthy") for claim in claims)
    return len(claims), wrong, len(items), items.count("healthy")
