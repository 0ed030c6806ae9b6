"""A control chart that names a change of a figure that stands out of the noise between runs.

A self-starting EWMA chart. Each figure is compared with the mean of those before it. The difference is divided by its
own standard error: that of the figure, that of the mean, and a variance between runs that is estimated from the figures
before (DerSimonian and Laird 1986). Student's distribution turns it into a standard normal score, so that few earlier
figures raise no more alarms than many (Quesenberry 1991). The scores are averaged with weights that fall
exponentially, and an average outside its limits is a change (Montgomery, Introduction to Statistical Quality Control,
chapter 9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr

# Bounds of a score: beyond it the normal distribution's quantile is not a number.
_FARTHEST = 8.0
# Least variance of a figure. One without an error of its own would have an endless weight.
_LEAST = 1e-12


@dataclass(frozen=True)
class Point:
    """A figure and its standard error, in the same unit."""

    value: float
    standard_error: float


@dataclass(frozen=True)
class Change:
    """A change of level.

    Attributes:
        start: index of the first point at the new level, as far as the chart can tell.
        seen: index of the point that gave the alarm; start <= seen.
        size: mean of the points from start to seen, less that of the points before; in the figure's unit.
    """

    start: int
    seen: int
    size: float


@dataclass(frozen=True)
class Chart:
    """Finds changes in a series of independent figures.

    Attributes:
        weight: of the newest score in the average, 0..1.
        width: of the limits, in standard deviations of the average.
        earlier: points that a level has before the next point is tested.
    """

    weight: float = 0.3
    width: float = 3.2
    earlier: int = 5

    def changes(self, points: Sequence[Point]) -> list[Change]:
        """Changes in order. After each one the chart starts anew at the new level."""
        found: list[Change] = []
        first, tested = 0, self.earlier
        while change := self._next(points, first, tested):
            found.append(change)
            first, tested = change.start, max(change.start + self.earlier, change.seen + 1)
        return found

    def _next(self, points: Sequence[Point], first: int, tested: int) -> Change | None:
        """The first change from the level that begins at the point `first`, of the points from `tested` on."""
        values = np.array([point.value for point in points])
        variances = np.array([point.standard_error**2 for point in points])
        average = 0.0
        for place in range(tested, len(points)):
            before = slice(first, place)
            score = _score(values[before], variances[before], points[place])
            average = self.weight * score + (1 - self.weight) * average
            if abs(average) > self._limit(place - tested + 1):
                return _change(values, variances, first, place)
        return None

    def _limit(self, scores: int) -> float:
        """The limit of the average of so many scores (Montgomery, equation 9.25)."""
        kept = 1 - self.weight
        return self.width * sqrt(self.weight / (2 - self.weight) * (1 - kept ** (2 * scores)))


def _score(values: NDArray[np.float64], variances: NDArray[np.float64], point: Point) -> float:
    """How far a point is from those before it, as a standard normal score."""
    mean, of_mean, between = _level(values, variances)
    spread = sqrt(point.standard_error**2 + between + of_mean)
    if spread == 0:
        return 0.0 if point.value == mean else float(np.copysign(_FARTHEST, point.value - mean))
    distance = (point.value - mean) / spread
    # From the lower tail, where a small probability keeps its digits.
    score = ndtri(stdtr(len(values) - 1, -abs(distance)))
    return float(np.copysign(min(-score, _FARTHEST), distance))


def _level(values: NDArray[np.float64], variances: NDArray[np.float64]) -> tuple[float, float, float]:
    """The mean, its variance, and the variance between runs beside that of each value."""
    own = np.maximum(variances, _LEAST)
    weights = 1 / own
    mean = float(weights @ values / weights.sum())
    excess = float(weights @ (values - mean) ** 2) - (len(values) - 1)
    scale = float(weights.sum() - (weights @ weights) / weights.sum())
    between = max(0.0, excess / scale) if scale > 0 else 0.0
    weights = 1 / (own + between)
    return float(weights @ values / weights.sum()), float(1 / weights.sum()), between


def _change(values: NDArray[np.float64], variances: NDArray[np.float64], first: int, seen: int) -> Change:
    """The change that an alarm at `seen` tells of; its start is the most likely one (Pignatiello and Samuel 2001)."""
    level = slice(first, seen + 1)
    between = _level(values[level], variances[level])[2]
    weights = 1 / (np.maximum(variances, _LEAST) + between)

    def split(start: int) -> tuple[float, float]:
        before, since = slice(first, start), slice(start, seen + 1)
        of_before, of_since = weights[before].sum(), weights[since].sum()
        step = weights[since] @ values[since] / of_since - weights[before] @ values[before] / of_before
        return step**2 * of_before * of_since / (of_before + of_since), step

    start = max(range(first + 1, seen + 1), key=lambda start: split(start)[0])
    return Change(start, seen, float(split(start)[1]))
