"""nDCG with a realistic distribution: some queries at 1, some at 0, and the rest between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Quality:
    """The distribution of each query's nDCG.

    Attributes:
        perfect, nothing: (queries,) probability of an nDCG of 1, and of 0.
        mean: (queries,) mean of the other values.
        spread: concentration of the other values; a larger one keeps them closer to the mean.
    """

    perfect: NDArray[np.float64]
    nothing: NDArray[np.float64]
    mean: NDArray[np.float64]
    spread: float

    def draw(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draws the nDCG of one ranking, of shape (queries,). Two draws are two rankings of equal quality."""
        where = rng.random(len(self.mean))
        between = rng.beta(self.mean * self.spread, (1 - self.mean) * self.spread)
        return np.where(where < self.perfect, 1.0, np.where(where > 1 - self.nothing, 0.0, np.round(between, 4)))


def quality(rng: np.random.Generator, group: NDArray[np.intp]) -> Quality:
    """Draws the quality of queries in groups (segments) that differ.

    30 to 60 % of all queries are perfect, and 2 to 20 % have an nDCG of 0. One group in seven is much better: there,
    80 to 97 % are perfect.

    Args:
        group: (queries,) number of the group from 0.
    """
    groups = int(group.max()) + 1
    perfect = np.clip(rng.uniform(0.3, 0.6) + rng.normal(0, 0.12, groups), 0.1, 0.95)
    better = rng.random(groups) < 1 / 7
    perfect = np.where(better, rng.uniform(0.8, 0.97, groups), perfect)
    nothing = np.clip(rng.uniform(0.02, 0.2) + rng.normal(0, 0.05, groups), 0, 1 - perfect)
    mean = np.clip(rng.beta(4, 3, len(group)), 0.05, 0.95)
    return Quality(perfect[group], nothing[group], mean, float(rng.uniform(3, 12)))
