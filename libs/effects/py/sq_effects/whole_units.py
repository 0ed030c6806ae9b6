"""Sums that are the same on every machine, whatever order they are added in."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

# Changes of nDCG in whole units of 2^-30. Float64 holds sums of up to 2^23 of them exactly, so that a product of
# matrices does not depend on the order in which a BLAS adds.
UNIT = 2.0**30
_DIGITS = 9


def whole(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values in whole units; NaN counts as 0."""
    return np.rint(np.nan_to_num(values) * UNIT)


def exact_sum(values: NDArray[np.float64] | list[float]) -> float:
    """The correctly rounded sum."""
    return math.fsum(values.tolist() if isinstance(values, np.ndarray) else values)


def shown(value: float) -> float:
    """A figure without the last digits, which differ between mathematical libraries."""
    return round(value, _DIGITS) + 0.0
