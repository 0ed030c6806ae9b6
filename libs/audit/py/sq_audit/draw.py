"""Draws the queries of an audit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Queries drawn of a stratum, at least, and strata, at most: each stratum estimates a slope and a variance.
_LEAST_DRAWN, _MOST_STRATA = 30, 5


@dataclass(frozen=True)
class Drawn:
    """Arrays have one element a query.

    Attributes:
        stratum: number of its stratum.
        probability: that it is audited, above 0 and at most 1.
        audited: whether it was drawn.
    """

    stratum: NDArray[np.intp]
    probability: NDArray[np.float64]
    audited: NDArray[np.bool_]


def draw(weight: NDArray[np.float64], figure: NDArray[np.float64], audits: int, seed: int) -> Drawn:
    """Draws queries: as many in each stratum, without replacement.

    Strata have about equal traffic. They are cut by weight and then by the first judge's figure, so frequent queries
    are audited with a higher probability, up to certainty.

    Args:
        weight: traffic of each query, in any unit.
        figure: of each query by the first judge.
        audits: queries to draw, at least 1; all where there are no more.
    """
    count = len(weight)
    audits = min(audits, count)
    order = np.lexsort((figure, -weight))
    strata = max(1, min(_MOST_STRATA, audits // _LEAST_DRAWN))
    before = np.cumsum(weight[order]) - weight[order]
    stratum = np.empty(count, dtype=np.intp)
    stratum[order] = np.minimum((before / weight.sum() * strata).astype(np.intp), strata - 1)
    sizes = np.bincount(stratum, minlength=strata)
    quota = _shares(sizes, audits)
    rng = np.random.default_rng(seed)
    audited = np.zeros(count, dtype=bool)
    for number in range(strata):
        audited[rng.choice(np.flatnonzero(stratum == number), quota[number], replace=False)] = True
    return Drawn(stratum, (quota / np.maximum(sizes, 1))[stratum], audited)


def _shares(sizes: NDArray[np.intp], audits: int) -> NDArray[np.intp]:
    """As many for each stratum; what a small one cannot take goes to the others."""
    quota = np.zeros(len(sizes), dtype=np.intp)
    while (left := audits - int(quota.sum())) > 0:
        open_ones = np.flatnonzero(quota < sizes)
        each = np.full(len(open_ones), left // len(open_ones))
        each[: left % len(open_ones)] += 1
        quota[open_ones] = np.minimum(quota[open_ones] + each, sizes[open_ones])
    return quota
