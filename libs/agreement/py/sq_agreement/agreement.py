"""Agreement of two raters over pairs of query and product, with intervals that resample whole queries.

Pairs of one query are alike: a judge who misreads a query is wrong on all its products. So queries are drawn, not
pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

GRADES = 5
RESAMPLES = 2000
# With fewer queries a bootstrap covers too little, so no interval is given: see //bench:agreement.
MINIMUM_QUERIES = 60
_LEVEL = 0.95

_DISTANCE = np.abs(np.subtract.outer(np.arange(GRADES), np.arange(GRADES)))
_AGREE = {
    "exact": (_DISTANCE == 0).astype(float),
    "within_one": (_DISTANCE <= 1).astype(float),
}


@dataclass(frozen=True)
class Figure:
    """A figure and its 95 % interval.

    Attributes:
        value: None where it is not defined, as a kappa of raters who gave one grade alone.
        low, high: None where there are too few queries.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Agreement:
    """Attributes:
    exact, within_one: share of pairs, 0..1.
    kappa: Cohen's, -1..1 (Cohen 1960).
    quadratic_kappa: weighted by the square of the distance (Cohen 1968).
    bias: mean of the judge's grade less the label's, -4..4.
    bias_by_grade: the same by the label's grade, 0 to 4; None for a grade that no label has.
    confusion: pairs, by the label's grade and then by the judge's.
    """

    pairs: int
    queries: int
    exact: Figure
    within_one: Figure
    kappa: Figure
    quadratic_kappa: Figure
    bias: Figure
    bias_by_grade: tuple[float | None, ...]
    confusion: tuple[tuple[int, ...], ...]


def agreement(labels: Sequence[int], judged: Sequence[int], queries: Sequence[str], seed: int = 0) -> Agreement:
    """The agreement of a judge with labels.

    Args:
        labels: grades of 0 to 4 that count as right.
        judged: the judge's, for the same pairs.
        queries: of each pair.
        seed: of the bootstrap.

    Raises:
        ValueError: there are no pairs, or the lengths differ.
    """
    if not labels or not len(labels) == len(judged) == len(queries):
        raise ValueError(f"{len(labels)} labels, {len(judged)} judgments, {len(queries)} queries: not pairs")
    tables = tables_of(labels, judged, queries)
    whole = tables.sum(0)
    weights = weights_of(len(tables), seed)
    drawn = np.tensordot(weights, tables, 1) if len(tables) >= MINIMUM_QUERIES else None

    def figure(of: Callable[[NDArray], NDArray]) -> Figure:
        value = float(of(whole[None])[0])
        if np.isnan(value):
            return Figure(None)
        if drawn is None:
            return Figure(value)
        return Figure(value, *interval_of(of(drawn), len(tables)))

    return Agreement(
        pairs=len(labels),
        queries=len(tables),
        exact=figure(lambda table: _share(table, _AGREE["exact"])),
        within_one=figure(lambda table: _share(table, _AGREE["within_one"])),
        kappa=figure(lambda table: _kappa(table, (_DISTANCE > 0).astype(float))),
        quadratic_kappa=figure(quadratic_kappa),
        bias=figure(_bias),
        bias_by_grade=tuple(_bias_of(row, grade) for grade, row in enumerate(whole)),
        confusion=tuple(tuple(int(count) for count in row) for row in whole),
    )


def interval_of(drawn: NDArray, queries: int) -> tuple[float, float]:
    """The 95 % interval of a figure from its resamples over a number of queries."""
    low, high = np.nanquantile(drawn, _tails(queries))
    return float(low), float(high)


def quadratic_kappa(tables: NDArray) -> NDArray:
    """Kappa weighted by the square of the distance, of (tables, labels, judgments); not a number where undefined."""
    return _kappa(tables, _DISTANCE.astype(float) ** 2)


def _tails(queries: int) -> tuple[float, float]:
    """Quantiles of an expanded percentile interval, which makes up for a small sample (Hesterberg 2015)."""
    t = stats.t.ppf(0.5 + _LEVEL / 2, queries - 1) * np.sqrt(queries / (queries - 1))
    return float(stats.norm.cdf(-t)), float(stats.norm.cdf(t))


def tables_of(labels: Sequence[int], judged: Sequence[int], queries: Sequence[str]) -> NDArray:
    """Pairs by query, label and judgment."""
    places = {query: place for place, query in enumerate(dict.fromkeys(queries))}
    tables = np.zeros((len(places), GRADES, GRADES))
    np.add.at(tables, ([places[query] for query in queries], labels, judged), 1)
    return tables


def weights_of(queries: int, seed: int) -> NDArray:
    """How often each query is drawn, by resample."""
    return np.random.default_rng(seed).multinomial(queries, np.full(queries, 1 / queries), RESAMPLES)


def _share(tables: NDArray, agree: NDArray) -> NDArray:
    return (tables * agree).sum((1, 2)) / tables.sum((1, 2))


def _kappa(tables: NDArray, weights: NDArray) -> NDArray:
    """1 - observed / expected disagreement; not a number where both raters give one grade alone."""
    observed = tables / tables.sum((1, 2), keepdims=True)
    expected = observed.sum(2)[:, :, None] * observed.sum(1)[:, None, :]
    chance = (weights * expected).sum((1, 2))
    seen = (weights * observed).sum((1, 2))
    return np.where(chance > 0, 1 - seen / np.where(chance > 0, chance, 1), np.nan)


def _bias(tables: NDArray) -> NDArray:
    return _share(tables, np.subtract.outer(np.arange(GRADES), np.arange(GRADES)).T.astype(float))


def _bias_of(row: NDArray, grade: int) -> float | None:
    return float((row * (np.arange(GRADES) - grade)).sum() / row.sum()) if row.sum() else None
