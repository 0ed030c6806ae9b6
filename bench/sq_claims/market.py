"""A simulated market: its sample of queries, and mechanisms without an effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sq_claims.healthy import Change
from sq_claims.original import Quality, quality
from sq_effects import Sample, Trial

_LARGEST_ITEM = 50


@dataclass(frozen=True)
class Market:
    """One market.

    Attributes:
        sample: its queries, with traffic by Zipf's law.
        quality: of the search engine.
        latent: (queries,) the part that all changes share.
    """

    sample: Sample
    quality: Quality
    latent: NDArray[np.float64]


def market_of(rng: np.random.Generator, queries: int) -> Market:
    weight = 1 / np.arange(1, queries + 1) ** rng.uniform(0.7, 1.1)
    groups = rng.integers(0, 12, queries)
    engine = quality(rng, groups)
    sample = Sample(
        query_ids=[f"{rng.integers(1 << 62):x}" for _ in range(queries)],
        weight=weight / weight.sum(),
        certain=np.arange(queries) < queries // 10,
        ndcg=engine.draw(rng),
        stratum=groups,
        draws=np.ones(queries, dtype=np.intp),
    )
    return Market(sample, engine, rng.standard_normal(queries))


def healthy_trial(rng: np.random.Generator, market: Market, change: Change, name: str) -> Trial:
    """Draws a mechanism without an effect.

    5 to 50 % of the queries are eligible, and 60 to 90 % of these do not change. Items have 1 to 50 queries.
    """
    count = len(market.sample)
    eligible = np.flatnonzero(rng.random(count) < rng.uniform(0.05, 0.5))
    changes = int(rng.integers(1, 4))
    moved = rng.random(count) < rng.uniform(0.1, 0.4)
    own = rng.standard_normal(count)
    columns = []
    for _ in range(changes):
        latent = (market.latent + own + rng.standard_normal(count)) / 3**0.5
        delta = change(rng, market.sample.ndcg, market.quality, latent)
        columns.append(np.where(moved & (rng.random(count) < 0.9), delta, 0.0))
    return Trial(
        mechanism=name,
        changes=[f"change {number}" for number in range(changes)],
        query=eligible,
        item=_items(rng, len(eligible)),
        delta=np.stack(columns, axis=1)[eligible],
        listed=bool(rng.integers(2)),
    )


def _items(rng: np.random.Generator, count: int) -> list[str]:
    items: list[str] = []
    while len(items) < count:
        size = int(np.clip(rng.pareto(0.8) + 1, 1, _LARGEST_ITEM))
        items += [f"item {len(items)}"] * size
    order = rng.permutation(count)
    return [items[place] for place in order]
