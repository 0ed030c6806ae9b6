"""Two runs beside a fixed gold set: whether their judges can be trusted, and whether the judge has drifted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sq_agreement import Figure, agreement
from sq_cli.calibrate.labels import Grades
from sq_cli.compare.run_records import MarketRun
from sq_ratings import query_key

_FLIPS = 9999
_LEVEL = 0.05
_NONE = Figure(None)


@dataclass(frozen=True)
class GoldCheck:
    """Attributes:
    pairs, queries: of the gold set that both runs judged.
    first, second: quadratic kappa of each run with the gold set, over the pairs that it judged.
    drift: mean over queries of exact agreement in the second run less that in the first, -1..1, over pairs of both.
    p: that agreement did not fall; one-sided, by sign flips over queries.
    """

    market: str
    pairs: int
    queries: int
    first: Figure
    second: Figure
    drift: float
    p: float

    def trusted(self, floor: float) -> bool:
        """Whether both judges agree with the gold set enough. A kappa that is not defined is not enough."""
        return all(one.value is not None and one.value >= floor for one in (self.first, self.second))

    def drifted(self, allowed: float) -> bool:
        """Whether agreement fell by more than is allowed, and that is more than chance."""
        return self.drift < -allowed and self.p <= _LEVEL


def check_gold(market: str, gold: Grades, first: MarketRun, second: MarketRun) -> GoldCheck:
    """Compares both runs' judgments with the gold set.

    Args:
        gold: grades by query key and product id.
    """
    before, after = _judged(gold, first), _judged(gold, second)
    both = [pair for pair in before if pair in after]
    right: dict[str, list[tuple[bool, bool]]] = {}
    for pair in both:
        right.setdefault(pair[0], []).append((before[pair] == gold[pair], after[pair] == gold[pair]))
    change = np.array([np.mean([new - old for old, new in map(_numbers, of)]) for of in right.values()])
    return GoldCheck(
        market,
        len(both),
        len(right),
        _kappa(gold, before),
        _kappa(gold, after),
        float(change.mean()) if len(change) else 0.0,
        _p(change),
    )


def _numbers(pair: tuple[bool, bool]) -> tuple[int, int]:
    return int(pair[0]), int(pair[1])


def _judged(gold: Grades, run: MarketRun) -> Grades:
    """The run's grades of gold pairs. A query of the gold set is an id, or a text before or after translation."""
    found: Grades = {}
    for query_id, grades in run.grades.items():
        query = run.queries.get(query_id)
        keys = {query_key(name) for name in (query_id, query.text, query.source_text)} if query else set()
        found |= {(key, product): grade for key in keys for product, grade in grades.items() if (key, product) in gold}
    return found


def _kappa(gold: Grades, judged: Grades) -> Figure:
    if not judged:
        return _NONE
    pairs = list(judged)
    found = agreement([gold[pair] for pair in pairs], [judged[pair] for pair in pairs], [query for query, _ in pairs])
    return found.quadratic_kappa


def _p(change: np.ndarray) -> float:
    """(b + 1) / (m + 1) of m sign flips with a sum as low."""
    if not change.any():
        return 1.0
    signs = np.random.default_rng(len(change)).choice((-1.0, 1.0), (_FLIPS, len(change)))
    return float(((signs @ change <= change.sum() + 1e-12).sum() + 1) / (_FLIPS + 1))
