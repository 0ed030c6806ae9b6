"""Bootstrap intervals over queries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sq.v1.report_pb2 import Estimate
from sq_report.settings import Settings

# Sums are taken in whole units of 2^-40: exact, hence the same on every machine whatever order they are added in.
_UNIT = 2.0**40
_CHUNK = 1 << 21


def weighted_means(
    values: NDArray[np.float64], weights: NDArray[np.float64], settings: Settings, name: str
) -> list[Estimate]:
    """Weighted means of several measures over the same queries, each with its percentile interval.

    Queries are drawn with replacement, as many as there are, and the mean of each resample is taken as the ratio of
    its weighted sum to its weights (Efron and Tibshirani: An Introduction to the Bootstrap, 1993, chapter 13;
    for retrieval measures Sakai: Evaluating evaluation metrics based on the bootstrap, SIGIR 2006).

    Args:
        values: (queries, measures).
        weights: (queries, measures), at least 0; 0 leaves a query out of that measure.
        name: of the sample, mixed into the seed, so that one sample's draws do not depend on the others.

    Returns:
        One estimate a measure; claimed where the queries with a weight reach the minimum sample. All 0 where none has.
    """
    numerators, denominators = _whole(values * weights), _whole(weights)
    columns = np.hstack([numerators, denominators])
    resampled = np.vstack([columns[draw].sum(axis=1) for draw in _draws(len(values), settings, name)])
    point = _ratios(columns.sum(axis=0)[np.newaxis])[0]
    low, high = _bounds(_ratios(resampled), settings)
    counts = (weights > 0).sum(axis=0)
    return [
        Estimate(value=p, low=lo, high=hi, queries=int(n), claimed=bool(n >= settings.minimum_sample))
        if n
        else Estimate()
        for p, lo, hi, n in zip(point, low, high, counts, strict=True)
    ]


def group_sums(
    values: NDArray[np.float64], weights: NDArray[np.float64], groups: NDArray[np.intp], settings: Settings, name: str
) -> list[Estimate]:
    """Sum of weight x value of each group, with its interval over resamples of *all* queries.

    Drawing from all queries lets the number of a group's queries vary too. Each resample is scaled to the weight of
    the whole, which is known.

    Args:
        values, weights: (queries,).
        groups: (queries,) number of the group from 0; -1 for none.

    Returns:
        One estimate a group, by its number.
    """
    members = [np.flatnonzero(groups == group) for group in range(groups.max(initial=-1) + 1)]
    if not members:
        return []
    order = np.concatenate(members)
    starts = np.cumsum([0, *[len(member) for member in members[:-1]]])
    losses, traffic = _whole(values * weights), _whole(weights)
    parts = []
    for draw in _draws(len(values), settings, name):
        counts = np.stack([np.bincount(row, minlength=len(values)) for row in draw])
        sums = np.add.reduceat(counts[:, order] * losses[order], starts, axis=1)
        parts.append(sums / (counts * traffic).sum(axis=1, keepdims=True))
    total = traffic.sum() / _UNIT
    low, high = _bounds(np.vstack(parts) * total, settings)
    return [
        Estimate(
            value=losses[member].sum() / _UNIT,
            low=low[group],
            high=high[group],
            queries=len(member),
            claimed=len(member) >= settings.minimum_sample,
        )
        for group, member in enumerate(members)
    ]


def _draws(count: int, settings: Settings, name: str) -> Iterator[NDArray[np.int64]]:
    """Resamples as rows of query numbers, in chunks that bound the memory."""
    words = np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], dtype="<u4")
    generator = np.random.Generator(np.random.PCG64([settings.seed, *words.tolist()]))
    rows = max(1, _CHUNK // count)
    for first in range(0, settings.resamples, rows):
        yield generator.integers(0, count, size=(min(rows, settings.resamples - first), count))


def _whole(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(values * _UNIT).astype(np.int64)


def _ratios(sums: NDArray[np.int64]) -> NDArray[np.float64]:
    """(resamples, 2 x measures) sums into (resamples, measures) means; NaN where a resample has no weight."""
    numerators, denominators = np.hsplit(sums, 2)
    means = np.full(numerators.shape, np.nan)
    return np.divide(numerators, denominators, out=means, where=denominators > 0)


def _bounds(resampled: NDArray[np.float64], settings: Settings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    tail = (1 - settings.confidence_level) / 2
    measured = np.where(np.isnan(resampled).all(axis=0), 0.0, resampled)
    low, high = np.nanquantile(measured, [tail, 1 - tail], axis=0)
    return low, high
