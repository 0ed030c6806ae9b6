"""How well a judge agrees with labels, with intervals by bootstrap over queries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sq.v1.model_card_pb2 import ModelFigure
from sq_trained.scores import TOP_GRADE, confidences

_RESAMPLES = 1000
_BINS = 10


def quadratic_kappa(labels: np.ndarray, given: np.ndarray) -> float:
    """Cohen's kappa with quadratic weights (Cohen 1968) on grades 0 to 4; 0 if all of both are one grade."""
    size = TOP_GRADE + 1
    seen = np.bincount(labels * size + given, minlength=size * size).reshape(size, size)
    weights = np.subtract.outer(np.arange(size), np.arange(size)) ** 2
    chance = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / max(seen.sum(), 1)
    expected = (weights * chance).sum()
    return float(1 - (weights * seen).sum() / expected) if expected else 0.0


def agreement(labels: np.ndarray, given: np.ndarray) -> float:
    """The share of pairs with the same grade."""
    return float((labels == given).mean())


def calibration_error(labels: np.ndarray, given: np.ndarray, above: np.ndarray) -> float:
    """Expected calibration error of the confidence (Guo et al. 2017)."""
    sure = confidences(above, given)
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    right = labels == given
    gaps = [abs(sure[bins == one].mean() - right[bins == one].mean()) * (bins == one).sum() for one in np.unique(bins)]
    return float(sum(gaps) / len(labels))


def with_interval(measure: Callable[[np.ndarray], float], queries: np.ndarray, seed: int) -> ModelFigure:
    """A measure of pairs, given their indices, with its 95 % interval: whole queries are drawn again."""
    distinct = np.unique(queries)
    pairs = [np.flatnonzero(queries == query) for query in distinct]
    random = np.random.default_rng(seed)
    drawn = [
        measure(np.concatenate([pairs[one] for one in random.integers(len(pairs), size=len(pairs))]))
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    value = measure(np.arange(len(queries)))
    return ModelFigure(value=round(value, 4), low=round(float(low), 4), high=round(float(high), 4))
