"""From which confidence on a judge agrees with labels as often as asked: fixed-sequence testing.

As in Trust or Escalate (Jung et al. 2024, arXiv 2407.18370), thresholds are tested from the strictest on, and the last
one counts before the first that fails. So all tests together err with the probability of one (Bauer 1991). There the
unit is a pair. Here it is a query, because the pairs of one query are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Fixed before the labels are seen.
THRESHOLDS = tuple(round(1 - 0.01 * step, 2) for step in range(96))
RISK = 0.05
# Most of the capital that is staked.
_MOST = 0.75


@dataclass(frozen=True)
class Threshold:
    """Attributes:
    value: lowest confidence with which a grade is kept.
    kept: share of all pairs, 0..1.
    agreement: mean over queries of the share of kept grades that are the label's, on these labels.
    queries: with a kept grade.
    """

    value: float
    kept: float
    agreement: float
    queries: int


def find_threshold(
    confidence: Sequence[float],
    right: Sequence[bool],
    queries: Sequence[str],
    agreement: float,
    risk: float = RISK,
) -> Threshold | None:
    """The lowest threshold from which the judge agrees at least so often; None where none can be shown to.

    Over labels drawn anew, the agreement over all queries is below the one asked for in at most `risk` of cases. It is
    the mean over queries of the share of kept grades that are right.

    Args:
        confidence: of each pair, 0..1.
        right: whether the judge's grade is the label's.
        queries: of each pair.
        agreement: asked for, above 0 and below 1.
    """
    names = sorted(set(queries))
    # The test needs an order that has nothing to do with the grades.
    places = dict(zip(names, np.random.default_rng(len(names)).permutation(len(names)).tolist(), strict=True))
    query = np.array([places[name] for name in queries], dtype=np.intp)
    sure, good = np.array(confidence, dtype=np.float64), np.array(right, dtype=np.float64)
    found = None
    for value in THRESHOLDS:
        shares = _shares(query[sure >= value], good[sure >= value], len(places))
        # Where even no error would not do, there is nothing to test yet. Labels play no part in this.
        if not len(shares) or _p(np.ones(len(shares)), agreement, risk) > risk:
            continue
        if _p(shares, agreement, risk) > risk:
            break
        found = Threshold(value, float((sure >= value).mean()), float(shares.mean()), len(shares))
    return found


def _shares(query: NDArray[np.intp], right: NDArray[np.float64], queries: int) -> NDArray[np.float64]:
    """Share of right grades of each query that has any."""
    count = np.bincount(query, minlength=queries)
    return np.bincount(query, right, minlength=queries)[count > 0] / count[count > 0]


def _p(shares: NDArray[np.float64], asked: float, risk: float) -> float:
    """p-value of "the mean share is at most the one asked for", for independent shares of 0..1, in random order.

    A bettor stakes a part of the capital on each next share being above the one asked for. If that is not so, the
    capital reaches 1 / p with a probability of at most p, for any number of queries and any distribution (Waudby-Smith
    and Ramdas, Estimating means of bounded random variables by betting, JRSS B 2024). The stakes depend on earlier
    shares alone.
    """
    count = np.arange(1, len(shares) + 1)
    mean = (0.5 + shares.cumsum()) / (count + 1)
    spread = (0.25 + ((shares - mean) ** 2).cumsum()) / (count + 1)
    before = np.concatenate(([0.25], spread[:-1]))
    stakes = np.minimum(np.sqrt(2 * np.log(1 / risk) / (len(shares) * before)), _MOST / asked)
    capital = np.log1p(stakes * (shares - asked)).cumsum()
    return float(np.exp(-max(capital.max(), 0.0)))
