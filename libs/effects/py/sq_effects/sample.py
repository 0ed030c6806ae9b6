"""The queries of one market, as the sampling design took them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Sample:
    """Measured queries of one market; all arrays have one element a query.

    Attributes:
        query_ids: decide which fold a query is in.
        weight: the traffic that the query stands for, above 0, in any unit (searches, or a share of them).
        certain: whether the query was taken with certainty, so that it has no sampling error.
        ndcg: of the original, 0..1.
        stratum: number of the stratum that the query was drawn in, from 0: its segment, or that of all small segments.
        draws: how often the query was drawn, at least 1; 1 where it was taken with certainty.
    """

    query_ids: Sequence[str]
    weight: NDArray[np.float64]
    certain: NDArray[np.bool_]
    ndcg: NDArray[np.float64]
    stratum: NDArray[np.intp]
    draws: NDArray[np.intp]

    def __post_init__(self) -> None:
        for name in ("weight", "certain", "ndcg", "stratum", "draws"):
            length = len(getattr(self, name))
            if length != len(self.query_ids):
                raise ValueError(f"sample.{name} has {length} elements for {len(self.query_ids)} queries")
        if not (np.isfinite(self.weight).all() and (self.weight > 0).all()):
            raise ValueError("sample.weight has a value that is not above 0; leave such queries out")
        if not ((self.ndcg >= 0) & (self.ndcg <= 1)).all():
            raise ValueError("sample.ndcg has a value outside 0 to 1; leave queries without nDCG out")
        if (self.draws < 1).any():
            raise ValueError("sample.draws has a value below 1")

    def __len__(self) -> int:
        return len(self.query_ids)
