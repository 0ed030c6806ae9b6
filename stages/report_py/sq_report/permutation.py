"""One-sided permutation test of whether a group of queries loses more than the background, exact with any ties."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import NDArray

# 1 - nDCG is tested in hundredths: whole numbers make the exact distribution a short recursion.
LEVELS = 100
# Bounds of time and of the range of floats; queries beyond them are drawn at random before the test.
LARGEST_GROUP = 40
LARGEST_BACKGROUND = 20_000


def level(miss: float) -> int:
    """1 - nDCG, 0..1, in whole hundredths."""
    return round(miss * LEVELS)


class Background:
    """The sample every group is tested against."""

    def __init__(self, levels: Sequence[int]) -> None:
        if len(levels) > LARGEST_BACKGROUND:
            raise ValueError(f"background has {len(levels)} queries, over {LARGEST_BACKGROUND}")
        self._levels = list(levels)
        self._tails: NDArray[np.float64] | None = None

    def p_value(self, group: Sequence[int]) -> float:
        """P(a group of that size, drawn from group and background together, sums to at least as much), 0..1.

        The Fisher-Pitman permutation test on the difference of means. The number of subsets by size and sum comes
        from Pagano and Tritchler's recursion (On obtaining permutation distributions in polynomial time, JASA 1983)
        and not from sampling, so small groups and ties are exact.

        Args:
            group: levels of 1..LARGEST_GROUP queries.
        """
        size, observed = len(group), sum(group)
        if not 1 <= size <= LARGEST_GROUP:
            raise ValueError(f"group has {size} queries, not 1 to {LARGEST_GROUP}")
        own = _subsets(group, size)
        tails = self._tails_to(size)
        sums = np.arange(own.shape[1])
        needed = np.clip(observed - sums, 0, None)
        at_least = sum(
            float(np.sum(own[size - drawn] * tails[drawn][needed])) for drawn in range(min(size, len(self._levels)) + 1)
        )
        return min(1.0, float(f"{at_least / comb(size + len(self._levels), size):.6g}"))

    def _tails_to(self, size: int) -> NDArray[np.float64]:
        """(subset size, sum) to the number of the background's subsets of that size with at least that sum."""
        if self._tails is None or len(self._tails) <= size:
            grown = 0 if self._tails is None else 2 * len(self._tails)
            subsets = _subsets(self._levels, min(LARGEST_GROUP, max(size, grown)))
            self._tails = np.cumsum(subsets[:, ::-1], axis=1)[:, ::-1]
        return self._tails


def _subsets(levels: Sequence[int], size: int) -> NDArray[np.float64]:
    """(size + 1, LEVELS x size + 1): number of subsets of 0..size elements by their sum."""
    table = np.zeros((size + 1, LEVELS * size + 1))
    table[0, 0] = 1
    for value, count in sorted(Counter(levels).items()):
        before = table.copy()
        for taken in range(1, min(count, size) + 1):
            shift = taken * value
            table[taken:, shift:] += comb(count, taken) * before[: size + 1 - taken, : table.shape[1] - shift]
    return table
