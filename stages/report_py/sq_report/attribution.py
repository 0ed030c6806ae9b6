"""Attributes each query's loss once."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from math import fsum

from sq_report.causes import Cause


def attribute(candidates: Sequence[frozenset[Cause]], losses: Mapping[int, float]) -> dict[int, Cause]:
    """Picks one of each query's candidates: the cause that explains most.

    Greedy: the cause whose queries lose most together takes them all, then the next of what is left, as in
    weighted set cover (Chvatal 1979). Equal losses go by cause order, so the outcome is deterministic.

    Args:
        candidates: of every query, by its number.
        losses: of the queries to attribute, by number; the others are left alone.

    Returns:
        The cause by query number; queries without a candidate are not in it.
    """
    members: dict[Cause, set[int]] = {}
    for number in losses:
        for cause in candidates[number]:
            members.setdefault(cause, set()).add(number)
    chosen: dict[int, Cause] = {}
    heap = [(-_total(queries, losses), cause) for cause, queries in members.items()]
    heapq.heapify(heap)
    while heap:
        claimed_loss, cause = heapq.heappop(heap)
        members[cause] -= chosen.keys()
        total = _total(members[cause], losses)
        if not members[cause]:
            continue
        if total < -claimed_loss:  # Another cause took some of its queries meanwhile.
            heapq.heappush(heap, (-total, cause))
            continue
        chosen |= dict.fromkeys(members[cause], cause)
    return chosen


def _total(queries: set[int], losses: Mapping[int, float]) -> float:
    return fsum(losses[number] for number in queries)
