"""Cross-validation by query, and what is learnt from its scores: calibration and cuts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from sq_train.boosting import fit
from sq_train.examples import Examples
from sq_trained.scores import TOP_GRADE, cumulative, grades, sigmoid

_FOLDS = 10
_REPEATS = 3
# Keeps a slope near 1 where there are few labels.
_RIDGE = 2.0
_SLOPES, _OFFSETS = (0.1, 3.0), (-3.0, 3.0)
# The optimiser's last digits differ between machines; these do not matter.
_DECIMALS = 4


@dataclass(frozen=True)
class Decision:
    """How scores become grades: Platt's slope and offset of each level, and the cuts of the expected grade."""

    slopes: np.ndarray
    offsets: np.ndarray
    cuts: np.ndarray

    def above(self, scores: np.ndarray) -> np.ndarray:
        return cumulative(scores, self.slopes, self.offsets)

    def grades(self, scores: np.ndarray) -> np.ndarray:
        return grades(self.above(scores), self.cuts)


def folds(queries: np.ndarray, seed: int) -> np.ndarray:
    """The fold of each pair; all pairs of a query are in one."""
    distinct = np.unique(queries)
    order = np.random.default_rng(seed).permutation(len(distinct))
    of_query = dict(zip(distinct[order].tolist(), np.arange(len(distinct)) % min(_FOLDS, len(distinct)), strict=True))
    return np.array([of_query[query] for query in queries.tolist()])


def held_out_scores(
    examples: Examples, seed: int, used: np.ndarray | None = None, repeats: int = _REPEATS
) -> np.ndarray:
    """Log-odds of (pairs, 4), each by models that saw no pair of its query; the mean of repeats."""
    total = np.zeros((len(examples.grades), TOP_GRADE))
    for repeat in range(repeats):
        fold = folds(examples.queries, seed + repeat)
        for number in np.unique(fold):
            held = fold == number
            total[held] += fit(examples.take(~held), seed + repeat, used).scores(examples.take(held))
    return total / repeats


def decide(scores: np.ndarray, labels: np.ndarray) -> Decision:
    """Learns calibration and cuts from scores of held-out pairs."""
    fitted = [_platt(scores[:, level], labels > level) for level in range(TOP_GRADE)]
    slopes, offsets = np.array([one[0] for one in fitted]), np.array([one[1] for one in fitted])
    return Decision(slopes, offsets, _cuts(cumulative(scores, slopes, offsets), labels))


def cross_decided(scores: np.ndarray, examples: Examples, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Grades and P(grade > k) of each pair by decisions that were learnt without its query."""
    given, above = np.zeros(len(scores), int), np.zeros_like(scores)
    fold = folds(examples.queries, seed)
    for number in np.unique(fold):
        held = fold == number
        decision = decide(scores[~held], examples.grades[~held])
        given[held], above[held] = decision.grades(scores[held]), decision.above(scores[held])
    return given, above


def _platt(scores: np.ndarray, above: np.ndarray) -> tuple[float, float]:
    def loss(at: np.ndarray) -> float:
        odds = np.where(above, 1, -1) * (at[0] * scores + at[1])
        return float(-np.log(sigmoid(odds)).sum() + _RIDGE * ((at[0] - 1) ** 2 + at[1] ** 2))

    found = minimize(loss, np.array([1.0, 0.0]), bounds=[_SLOPES, _OFFSETS], method="L-BFGS-B").x
    return round(float(found[0]), _DECIMALS), round(float(found[1]), _DECIMALS)


def _cuts(above: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Four rising cuts of the expected grade, so that grades are spread as the labels are.

    Expected grades shrink to the mean where the model doubts. Cut half-way between whole grades, they would disagree
    with labels of the whole width more than the order of the pairs does. So their mean and standard deviation are
    mapped to those of the labels, which maximises quadratic kappa for a given correlation.
    """
    expected = above.sum(axis=1)
    stretch = expected.std() / max(labels.std(), 1e-9)
    cuts = expected.mean() + (np.arange(TOP_GRADE) + 0.5 - labels.mean()) * stretch
    return cuts.round(_DECIMALS)
