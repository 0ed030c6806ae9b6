"""Whether two raters order queries, and the products of a query, alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import isnan

from scipy import stats


def tau_of_queries(labels: Sequence[int], judged: Sequence[int], queries: Sequence[str]) -> float | None:
    """Kendall's tau-b of queries by their mean grade; None with fewer than two queries, or where all are alike."""
    by_query = _by_query(labels, judged, queries)
    means = [tuple(sum(side) / len(side) for side in zip(*pairs, strict=True)) for pairs in by_query.values()]
    return kendall_tau([mean[0] for mean in means], [mean[1] for mean in means])


def order_within(labels: Sequence[int], judged: Sequence[int], queries: Sequence[str]) -> float | None:
    """Mean Kendall's tau-b of the products of a query, over queries whose products differ for both raters."""
    found = [kendall_tau(*map(list, zip(*pairs, strict=True))) for pairs in _by_query(labels, judged, queries).values()]
    known = [tau for tau in found if tau is not None]
    return sum(known) / len(known) if known else None


def _by_query(labels: Sequence[int], judged: Sequence[int], queries: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    pairs: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for label, grade, query in zip(labels, judged, queries, strict=True):
        pairs[query].append((label, grade))
    return pairs


def kendall_tau(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Kendall's tau-b of two orders of the same things; None for fewer than two, or where one has all alike."""
    if len(a) < 2 or len(set(a)) < 2 or len(set(b)) < 2:
        return None
    tau = float(stats.kendalltau(a, b).statistic)
    return None if isnan(tau) else tau
