"""From raw scores of boosted trees to grades: calibrated probabilities, a grade and its confidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

TOP_GRADE = 4


def sigmoid(scores: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(scores, -30, 30)))


def cumulative(scores: np.ndarray, slopes: Sequence[float], offsets: Sequence[float]) -> np.ndarray:
    """P(grade > k) for k = 0..3, calibrated and never rising with k.

    Args:
        scores: log-odds of (pairs, 4).
        slopes, offsets: Platt's calibration of each level, on the log-odds.
    """
    return np.minimum.accumulate(sigmoid(scores * np.asarray(slopes) + np.asarray(offsets)), axis=1)


def probabilities(above: np.ndarray) -> np.ndarray:
    """P(grade = k) for k = 0..4, of (pairs, 5), from P(grade > k)."""
    ones, zeros = np.ones((len(above), 1)), np.zeros((len(above), 1))
    return np.hstack([ones, above]) - np.hstack([above, zeros])


def grades(above: np.ndarray, cuts: Sequence[float]) -> np.ndarray:
    """Grades 0..4: the number of cuts that the expected grade reaches."""
    return np.searchsorted(np.asarray(cuts), above.sum(axis=1), side="right")


def confidences(above: np.ndarray, given: np.ndarray) -> np.ndarray:
    """The probability of each given grade."""
    return probabilities(above)[np.arange(len(given)), given]
