"""nDCG with linear gains."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

# Digits kept, so that equal rankings on different machines give equal figures.
_DIGITS = 9


def ndcg(grades: Sequence[int], judged: Sequence[int], k: int) -> float:
    """nDCG@k, 0..1: DCG@k by that of the ideal ranking, where DCG@k = sum of grade / log2(rank + 1).

    0 where no judged product has a grade above 0. Source: Järvelin and Kekäläinen, Cumulated gain-based evaluation of
    IR techniques, ACM TOIS 2002; the same figures as trec_eval's.

    Args:
        grades: of the judged products of the ranking, best rank first.
        judged: of all products judged for the query, those of the ranking among them.
    """
    ideal = _dcg(sorted(judged, reverse=True)[:k])
    return round(_dcg(grades[:k]) / ideal, _DIGITS) if ideal else 0.0


def _dcg(grades: Sequence[int]) -> float:
    return sum(grade / log2(rank + 1) for rank, grade in enumerate(grades, 1))
