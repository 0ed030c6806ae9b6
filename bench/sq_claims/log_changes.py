"""Changes of nDCG over a whole log: the truth with which the figures of a class are compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sq_claims.log import Log


def eligible_of(rng: np.random.Generator, log: Log) -> NDArray[np.bool_]:
    """Draws the eligible queries: 5 to 50 % of all, with a share that differs by segment."""
    segments = np.clip(rng.normal(1, 0.5, int(log.segment.max()) + 1), 0, 2)
    return rng.random(len(log)) < rng.uniform(0.05, 0.5) * segments[log.segment]


def changes_of(rng: np.random.Generator, log: Log, count: int) -> NDArray[np.float64]:
    """Draws changes of shape (queries, count). 60 to 90 % are 0; the others range from all losses to all gains."""
    moved = rng.random(len(log)) < rng.uniform(0.1, 0.4)
    columns = []
    for _ in range(count):
        size = np.abs(rng.laplace(0, rng.uniform(0.1, 0.3), len(log)))
        helps = rng.random(len(log)) < rng.uniform(0.4, 1)
        columns.append(np.clip(np.where(helps, size, -size), -log.ndcg, 1 - log.ndcg) * moved)
    return np.stack(columns, axis=1)
