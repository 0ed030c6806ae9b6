"""Changes of nDCG in healthy markets: gains and losses have the same mean."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sq_claims.original import Quality

# Draws a change for each query, as an array of shape (queries of the market,). It depends on the nDCG of the original,
# its Quality, and a latent standard normal for each query, which correlated changes share.
Change = Callable[[np.random.Generator, NDArray[np.float64], Quality, NDArray[np.float64]], NDArray[np.float64]]


def symmetric(
    rng: np.random.Generator, ndcg: NDArray[np.float64], quality: Quality, latent: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Gains and losses are symmetric in queries that can gain. Perfect queries can only lose."""
    size = rng.uniform(0.05, 0.4) * latent
    bound = np.minimum(ndcg, 1 - ndcg)
    return np.where(ndcg == 1, -np.minimum(np.abs(size), 1), np.clip(size, -bound, bound))


def exchangeable(
    rng: np.random.Generator, ndcg: NDArray[np.float64], quality: Quality, latent: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Another ranking of equal quality: perfect queries lose, and the others gain as much in total."""
    return quality.draw(rng) - ndcg


def skewed(
    rng: np.random.Generator, ndcg: NDArray[np.float64], quality: Quality, latent: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Small frequent gains and large rare losses, with mean 0 in each query. Perfect queries only lose."""
    gain = (1 - ndcg) * rng.uniform(0.2, 0.6)
    loss = ndcg * rng.uniform(0.2, 0.8)
    gains = np.divide(loss, gain + loss, out=np.zeros_like(gain), where=(gain > 0) & (loss > 0))
    # The logistic curve approximates the latent's distribution function, so that correlated queries gain together.
    place = 1 / (1 + np.exp(-1.702 * latent))
    moved = np.where(place > 1 - gains, gain, -loss)
    return np.where(ndcg == 1, -loss, np.where((gain > 0) & (loss > 0), moved, 0.0))


def _perfect_kept(change: Change) -> Change:
    """The same changes, but perfect queries keep their results, so that their losses cannot hide a claim."""

    def kept(
        rng: np.random.Generator, ndcg: NDArray[np.float64], quality: Quality, latent: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return np.where(ndcg == 1, 0.0, change(rng, ndcg, quality, latent))

    return kept


HEALTHY: dict[str, Change] = {
    "symmetric": _perfect_kept(symmetric),
    "symmetric, perfect queries lose": symmetric,
    "another ranking of equal worth": exchangeable,
    "small gains, seldom large losses": _perfect_kept(skewed),
    "small gains, seldom large losses, perfect queries lose": skewed,
}
