"""Two runs over the same queries: judgments pooled, one ideal ranking a query, a paired test. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sq.v1.query_pb2 import Query
from sq_cli.compare.run_records import MarketRun
from sq_effects import EffectSettings, Estimate, Sample, Trial, flip_p, mean_change
from sq_measures import ndcg
from sq_measures.sample import sample_of
from sq_measures.traffic import traffic

# Share of a query's results that must be judged, in both runs.
_JUDGED = 0.5
_EVERYTHING = "all"


@dataclass(frozen=True)
class Difference:
    """How the second run differs over some queries.

    Attributes:
        before, after: mean nDCG by traffic, 0..1.
        change: of nDCG, -1..1, with its interval where the sample is large enough.
        contribution: to the change over all queries, -1..1: the change, times the share of the traffic.
        p: that the two are alike; two-sided, one vote a query.
    """

    name: str
    queries: int
    before: float
    after: float
    change: Estimate
    contribution: float
    better: int
    worse: int
    p: float


@dataclass(frozen=True)
class Comparison:
    """Attributes:
    segments: those that change most first, by their contribution.
    classes: of the first run, in the same order: what was lost before, and is won back or lost further.
    classes_after: of the second run: what is lost now, with what got lost since the first.
    shared: share of the first run's traffic that both runs measured, 0..1.
    only_first, only_second: queries that one run alone has.
    """

    market: str
    overall: Difference
    segments: Sequence[Difference]
    classes: Sequence[Difference]
    classes_after: Sequence[Difference]
    shared: float
    only_first: int
    only_second: int

    def regression(self, allowed: float) -> bool:
        """Whether the second run loses more than `allowed` of nDCG, and that is more than chance."""
        level = 1 - EffectSettings().confidence_level
        return self.overall.change.value < -allowed and self.overall.p <= level


@dataclass(frozen=True)
class _Pair:
    query: Query
    before: float
    after: float


def compare(market: str, first: MarketRun, second: MarketRun) -> Comparison:
    """The comparison of one market, by the sampling design of the first run."""
    pairs = [
        pair for query_id in first.queries if query_id in second.queries and (pair := _pair(query_id, first, second))
    ]
    sample = _sample(pairs)
    delta = np.array([pair.after - pair.before for pair in pairs], dtype=np.float64)
    every = np.ones(len(pairs), dtype=bool)
    total = sum(traffic(query) for query in first.queries.values())
    return Comparison(
        market=market,
        overall=_difference(_EVERYTHING, pairs, sample, delta, every),
        segments=_parts(pairs, sample, delta, {pair.query.query_id: pair.query.segment_id for pair in pairs}),
        classes=_parts(pairs, sample, delta, first.classes),
        classes_after=_parts(pairs, sample, delta, second.classes),
        shared=sum(traffic(pair.query) for pair in pairs) / total if total else 0.0,
        only_first=len(first.queries.keys() - second.queries.keys()),
        only_second=len(second.queries.keys() - first.queries.keys()),
    )


def changes(first: MarketRun, second: MarketRun) -> tuple[Sample, NDArray[np.float64]]:
    """The queries that both runs measured, as a sample, and the change of nDCG of each, -1..1."""
    pairs = [
        pair for query_id in first.queries if query_id in second.queries and (pair := _pair(query_id, first, second))
    ]
    return _sample(pairs), np.array([pair.after - pair.before for pair in pairs], dtype=np.float64)


def _pair(query_id: str, first: MarketRun, second: MarketRun) -> _Pair | None:
    """Both figures against one ideal; None where one run has too few judgments, or nothing relevant exists."""
    grades = second.grades.get(query_id, {}) | first.grades.get(query_id, {})
    if not any(grade >= first.relevant_grade for grade in grades.values()):
        return None
    figures = [_figure(query_id, run, grades, first.k) for run in (first, second)]
    if None in figures:
        return None
    return _Pair(first.queries[query_id], *figures)


def _figure(query_id: str, run: MarketRun, grades: Mapping[str, int], k: int) -> float | None:
    if query_id in run.failed:
        return 0.0
    ranking = run.rankings.get(query_id)
    if ranking is None:
        return None
    judged = [grades[product] for product in ranking[:k] if product in grades]
    if len(judged) < _JUDGED * len(ranking[:k]):
        return None
    return ndcg(judged, list(grades.values()), k)


def _sample(pairs: Sequence[_Pair]) -> Sample:
    return sample_of(
        [pair.query for pair in pairs], [traffic(pair.query) for pair in pairs], [pair.before for pair in pairs]
    )


def _parts(
    pairs: Sequence[_Pair], sample: Sample, delta: NDArray[np.float64], part_of: Mapping[str, str]
) -> list[Difference]:
    """One difference a segment or class, the largest contribution to the whole change first."""
    names = sorted({part_of[pair.query.query_id] for pair in pairs if pair.query.query_id in part_of})
    parts = []
    for name in names:
        domain = np.array([part_of.get(pair.query.query_id) == name for pair in pairs], dtype=bool)
        parts.append(_difference(name, pairs, sample, delta, domain))
    return sorted(parts, key=lambda part: (-abs(part.contribution), part.name))


def _difference(
    name: str, pairs: Sequence[_Pair], sample: Sample, delta: NDArray[np.float64], domain: NDArray[np.bool_]
) -> Difference:
    settings = EffectSettings()
    weight = sample.weight * domain
    total = float(weight.sum()) or 1.0
    before = np.array([pair.before for pair in pairs], dtype=np.float64)
    everything = float(sample.weight.sum()) or 1.0
    return Difference(
        name=name,
        queries=int(domain.sum()),
        before=round(float((weight * before).sum()) / total, 9),
        after=round(float((weight * (before + delta)).sum()) / total, 9),
        change=mean_change(sample, delta, domain, settings),
        contribution=round(float((weight * delta).sum()) / everything, 9),
        better=int((delta[domain] > 0).sum()),
        worse=int((delta[domain] < 0).sum()),
        p=_two_sided(name, sample, delta, np.flatnonzero(domain), settings),
    )


def _two_sided(
    name: str, sample: Sample, delta: NDArray[np.float64], rows: NDArray[np.intp], settings: EffectSettings
) -> float:
    sides = [
        flip_p(
            Trial(name, ["change"], rows, [name] * len(rows), sign * delta[rows, np.newaxis]), sample, settings, name
        )
        for sign in (1, -1)
    ]
    return min(1.0, 2 * min(sides))
