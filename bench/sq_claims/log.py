"""A whole query log: the truth with which a sample is compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sq_claims.original import quality
from sq_effects import Sample
from sq_sampling import Design, design


@dataclass(frozen=True)
class Log:
    """Distinct queries. Each array has one element for each query.

    Attributes:
        segment: number of the query's segment; segment sizes follow Zipf's law.
        searches: number of searches, which follows Zipf's law.
        ndcg: of the original ranking.
    """

    segment: NDArray[np.intp]
    searches: NDArray[np.int64]
    ndcg: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.searches)

    def mean(self, values: NDArray[np.float64], domain: NDArray[np.bool_]) -> float:
        """The mean of an array, weighted by traffic."""
        return float((self.searches * values)[domain].sum() / self.searches[domain].sum())

    def sample(self, budget: int, seed: int) -> tuple[Design, Sample]:
        names = [str(number) for number in range(int(self.segment.max()) + 1)]
        taken = design(self.segment, self.searches, names, budget, seed)
        ids = [str(query) for query in taken.query.tolist()]
        sample = Sample(ids, taken.weight, taken.certain, self.ndcg[taken.query], taken.stratum, taken.draws)
        return taken, sample


def log_of(rng: np.random.Generator) -> Log:
    """Draws a log of 5,000 to 20,000 distinct queries in 5 to 40 segments."""
    count, segments = int(rng.integers(5_000, 20_000)), int(rng.integers(5, 40))
    sizes = 1 / np.arange(1, segments + 1)
    segment = rng.choice(segments, count, p=sizes / sizes.sum())
    searches = np.ceil(3 * (count / np.arange(1, count + 1)) ** rng.uniform(0.8, 1.1)).astype(np.int64)
    rng.shuffle(searches)
    return Log(segment, searches, quality(rng, segment).draw(rng))
