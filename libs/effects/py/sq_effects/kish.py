"""Kish's effective sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sq_effects.whole_units import exact_sum


def effective_sample(weight: NDArray[np.float64], draws: NDArray[np.intp]) -> float:
    """Number of draws of equal weight that would estimate a mean as well (Kish: Survey sampling, 1965).

    (sum of weights)^2 / sum of squared weights, over draws: a query drawn twice is two draws of half its weight.
    0 without queries.
    """
    if not len(weight):
        return 0.0
    return exact_sum(weight) ** 2 / exact_sum(weight**2 / draws)
