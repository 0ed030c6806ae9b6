"""Whether one judge agrees with labels better than another: a paired test over queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sq_agreement.agreement import MINIMUM_QUERIES, interval_of, quadratic_kappa, tables_of, weights_of

FLIPS = 9_999
# Kappas that differ by less are equal: sums in another order differ in the last bits.
_EQUAL = 1e-9


@dataclass(frozen=True)
class Paired:
    """Two judges on the same pairs.

    Attributes:
        first, second: quadratic kappa with the labels, -1..1.
        difference: first less second.
        low, high: its 95 % interval by bootstrap over queries; None with fewer than 60 queries.
        p_value: of the hypothesis that it does not matter who judged a query, 0..1; two-sided.
        differing: queries on which the judges differ. The others say nothing about who is better.
    """

    pairs: int
    queries: int
    differing: int
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    p_value: float


def paired(
    labels: Sequence[int], first: Sequence[int], second: Sequence[int], queries: Sequence[str], seed: int = 0
) -> Paired:
    """Compares the agreement of two judges with labels.

    Under the hypothesis, all grades of a query may as well be the other judge's. So whole queries are swapped at random
    (Fisher: The design of experiments, 1935; for retrieval Smucker, Allan, Carterette, CIKM 2007), and
    p = (swaps at least as far apart + 1) / (swaps + 1).

    Args:
        labels: grades of 0 to 4 that count as right.
        first, second: the judges' grades of the same pairs.
        queries: of each pair.

    Raises:
        ValueError: there are no pairs, the lengths differ, or labels and judgments are all of one grade.
    """
    if not labels or not len(labels) == len(first) == len(second) == len(queries):
        raise ValueError(f"{len(labels)} labels, {len(first)} and {len(second)} judgments: not pairs")
    one, other = tables_of(labels, first, queries), tables_of(labels, second, queries)
    kappas = [float(quadratic_kappa(tables.sum(0)[None])[0]) for tables in (one, other)]
    if np.isnan(kappas).any():
        raise ValueError("labels and judgments are all of one grade, so there is no kappa")
    low, high = _interval(one, other, seed) if len(one) >= MINIMUM_QUERIES else (None, None)
    return Paired(
        pairs=len(labels),
        queries=len(one),
        differing=int((one != other).any((1, 2)).sum()),
        first=kappas[0],
        second=kappas[1],
        difference=kappas[0] - kappas[1],
        low=low,
        high=high,
        p_value=_p_value(one, other, abs(kappas[0] - kappas[1]), seed),
    )


def _interval(one: NDArray, other: NDArray, seed: int) -> tuple[float, float]:
    weights = weights_of(len(one), seed)
    drawn = [quadratic_kappa(np.tensordot(weights, tables, 1)) for tables in (one, other)]
    return interval_of(drawn[0] - drawn[1], len(one))


def _p_value(one: NDArray, other: NDArray, seen: float, seed: int) -> float:
    swaps = np.random.default_rng(seed).integers(0, 2, size=(FLIPS, len(one))).astype(float)
    moved = np.tensordot(swaps, other - one, 1)
    apart = np.abs(quadratic_kappa(one.sum(0) + moved) - quadratic_kappa(other.sum(0) - moved))
    # A swap without a kappa tells nothing, and counts against a difference.
    far = ~(apart < seen - _EQUAL)
    return float((far.sum() + 1) / (FLIPS + 1))
