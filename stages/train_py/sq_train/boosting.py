"""Boosted trees for ordinal grades: one booster for each P(grade > k), monotone, starting from the rules' grade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import lightgbm
import numpy as np
from sklearn.isotonic import IsotonicRegression

from sq_train.examples import Examples
from sq_trained.features import DIRECTIONS, NAMES
from sq_trained.scores import TOP_GRADE

# Found by cross-validation over 50 queries. Small trees with wide leaves: labels are few, and alike within a query.
_ROUNDS = 400
_PARAMETERS: Mapping[str, object] = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 5,
    "min_data_in_leaf": 30,
    "lambda_l2": 10,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "boost_from_average": False,
    "monotone_constraints": [DIRECTIONS[name] for name in NAMES],
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
# Weight of the share of all pairs in the share of each grade of the rules.
_PRIOR_PAIRS = 5.0
_LEAST, _MOST = 0.01, 0.99


@dataclass(frozen=True)
class Boosted:
    """The score of P(grade > k) for k = 0..3.

    Attributes:
        starts: log-odds by grade of the rules, of (4, 5).
        boosters: one for each k. None: the start alone decides. Levels with the same labels share one.
    """

    starts: np.ndarray
    boosters: tuple[lightgbm.Booster | None, ...]

    def scores(self, examples: Examples) -> np.ndarray:
        """Log-odds of (pairs, 4)."""
        scores = self.starts[:, examples.rules].T.copy()
        for level, booster in enumerate(self.boosters):
            if booster is not None:
                scores[:, level] += booster.predict(examples.values, raw_score=True, num_threads=1)
        return scores


def fit(examples: Examples, seed: int, used: np.ndarray | None = None) -> Boosted:
    """Fits all levels.

    Args:
        used: mask of the features to use; None for all.
    """
    starts, boosters = [], []
    for level in range(TOP_GRADE):
        above = (examples.grades > level).astype(float)
        if level and np.array_equal(above, (examples.grades > level - 1).astype(float)):
            starts.append(starts[-1])
            boosters.append(boosters[-1])
            continue
        starts.append(_start(examples, above))
        boosters.append(_boost(examples, above, starts[-1], seed, used) if 0 < above.mean() < 1 else None)
    return Boosted(np.array(starts), tuple(boosters))


def _start(examples: Examples, above: np.ndarray) -> np.ndarray:
    """Log-odds by grade of the rules: the weighted share of pairs above, smoothed, never falling with the grade."""
    weights = examples.weights
    everywhere = float((weights * above).sum() / weights.sum())
    by_grade = [examples.rules == grade for grade in range(TOP_GRADE + 1)]
    seen = np.array([weights[chosen].sum() for chosen in by_grade])
    hits = np.array([(weights * above)[chosen].sum() for chosen in by_grade])
    shares = (hits + _PRIOR_PAIRS * everywhere) / (seen + _PRIOR_PAIRS)
    rising = IsotonicRegression(y_min=_LEAST, y_max=_MOST)
    smooth = rising.fit_transform(np.arange(TOP_GRADE + 1), shares, sample_weight=seen + _PRIOR_PAIRS)
    return np.log(smooth / (1 - smooth))


def _boost(
    examples: Examples, above: np.ndarray, start: np.ndarray, seed: int, used: np.ndarray | None
) -> lightgbm.Booster:
    values = examples.values if used is None else np.where(used, examples.values, np.float32(np.nan))
    data = lightgbm.Dataset(
        values, above, weight=examples.weights, init_score=start[examples.rules], free_raw_data=True
    )
    return lightgbm.train({**_PARAMETERS, "seed": seed}, data, _ROUNDS)
