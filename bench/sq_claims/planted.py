"""Mechanisms with a planted effect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sq_claims.market import Market
from sq_effects import Trial


def planted_trial(rng: np.random.Generator, market: Market, eligible: int, helped: float, name: str) -> Trial:
    """A mechanism with one change to some imperfect queries. Each query is an item.

    Args:
        eligible: number of queries.
        helped: share of the queries that gain.
    """
    query = _queries(rng, market, eligible)
    delta = _changes(rng, market, query, helped)
    return Trial(name, ["change"], query, [f"item {number}" for number in range(eligible)], delta[:, np.newaxis])


def two_items(rng: np.random.Generator, market: Market, each: int, name: str) -> Trial:
    """A mechanism with two items. The change helps "real", and has no mean effect on "healthy"."""
    query = _queries(rng, market, 2 * each)
    real = _changes(rng, market, query[:each], 0.8)
    bound = np.minimum(market.sample.ndcg, 1 - market.sample.ndcg)[query[each:]]
    healthy = bound * rng.uniform(-1, 1, each)
    delta = np.r_[real, healthy]
    return Trial(name, ["change"], query, ["real"] * each + ["healthy"] * each, delta[:, np.newaxis])


def _queries(rng: np.random.Generator, market: Market, count: int) -> NDArray[np.intp]:
    return rng.choice(np.flatnonzero(market.sample.ndcg < 0.9), count, replace=False)


def _changes(rng: np.random.Generator, market: Market, query: NDArray[np.intp], helped: float) -> NDArray[np.float64]:
    """Helped queries get 30 to 100 % of the possible gain. Half of the others lose up to half of theirs."""
    ndcg = market.sample.ndcg[query]
    gain = (1 - ndcg) * rng.uniform(0.3, 1, len(query))
    loss = -ndcg * rng.uniform(0, 0.5, len(query)) * rng.integers(0, 2, len(query))
    return np.where(rng.random(len(query)) < helped, gain, loss)
