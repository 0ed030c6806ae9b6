"""Which probes are sent where not all can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sq.v1.query_pb2 import Query


@dataclass(frozen=True)
class Candidate:
    """All changes of one mechanism to one query: sent together or not at all.

    Attributes:
        traffic: share of the market's traffic that the query stands for.
    """

    mechanism: str
    probes: tuple[Query, ...]
    traffic: float


def spend(candidates: Sequence[Candidate], searches: int) -> tuple[list[Candidate], list[Candidate]]:
    """The candidates that are sent, and those left out.

    Each mechanism spends on its queries of most traffic first, and mechanisms take turns. So a mechanism that concerns
    few queries tries all of them, however many another could use. Nothing here looks at grades.
    """
    turns: defaultdict[str, int] = defaultdict(int)
    ordered = []
    for candidate in sorted(candidates, key=lambda one: (-one.traffic, one.probes[0].probe.probe_of, one.mechanism)):
        ordered.append((turns[candidate.mechanism], -candidate.traffic, candidate.mechanism, len(ordered), candidate))
        turns[candidate.mechanism] += 1
    sent, left = [], []
    for *_, candidate in sorted(ordered):
        if len(candidate.probes) <= searches:
            searches -= len(candidate.probes)
            sent.append(candidate)
        else:
            left.append(candidate)
    return sent, left
