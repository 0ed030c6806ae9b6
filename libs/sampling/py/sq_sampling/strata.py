"""Which segments are strata of their own, and how many queries each stratum gets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sq_sampling.allocation import allocate

# Draws from which a variance can be estimated.
SMALLEST_STRATUM = 2


@dataclass(frozen=True)
class Strata:
    """The strata of a design.

    Attributes:
        own: (segments,) whether a segment is a stratum of its own; the others share one.
        quota: (segments,) queries to take of each; 0 of those that share a stratum.
        shared_quota: queries to take of the shared stratum.
    """

    own: NDArray[np.bool_]
    quota: NDArray[np.int64]
    shared_quota: int

    @classmethod
    def of(cls, traffic: NDArray[np.int64], sizes: NDArray[np.int64], budget: int) -> Strata:
        """Spreads a budget over segments by their traffic.

        Segments that get fewer than two queries share one stratum, so that no traffic goes unsampled.

        Args:
            traffic: (segments,) searches.
            sizes: (segments,) distinct queries.
            budget: queries to take, at least 1.
        """
        if budget < 1:
            raise ValueError(f"a budget of {budget} queries; it has to be at least 1")
        quota = allocate(traffic, sizes, budget)
        small = (quota < np.minimum(SMALLEST_STRATUM, sizes)) & (sizes > 0)
        if not small.any():
            return cls(sizes > 0, quota, 0)
        needed = min(SMALLEST_STRATUM, int(sizes[small].sum()))
        missing = max(0, needed - int(quota[small].sum()))
        largest = int(np.argmax(np.where(small, 0, quota)))
        if missing and quota[largest] - missing < SMALLEST_STRATUM:
            return cls(np.zeros(len(sizes), dtype=bool), np.zeros_like(quota), budget)
        quota[largest] -= missing
        return cls(~small & (sizes > 0), np.where(small, 0, quota), int(quota[small].sum()) + missing)
