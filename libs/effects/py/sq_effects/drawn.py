"""The sampling error of what was drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sq_effects.kish import effective_sample
from sq_effects.sample import Sample
from sq_effects.whole_units import exact_sum


@dataclass(frozen=True)
class Drawn:
    """A ratio estimate and its sampling error, as the design makes it.

    Attributes:
        value: sum of weight x value over sum of weight.
        mean: the same over the queries that were drawn and not taken with certainty.
        share: of the weight that is theirs, 0..1.
        variance: of value.
        freedom: Satterthwaite's degrees of freedom of the variance: few where few draws or one stratum make it.
        tail_freedom: degrees of freedom by the draws' fourth moments: few where few draws differ from the others.
    """

    value: float
    mean: float
    share: float
    variance: float
    freedom: float
    tail_freedom: float

    @classmethod
    def of(cls, sample: Sample, values: NDArray[np.float64], base: NDArray[np.bool_]) -> Drawn:
        """Linearised: a draw's influence is weight x (value - ratio) / sum of weights.

        Queries taken with certainty have no part in the variance. (Saerndal, Swensson, Wretman: Model assisted survey
        sampling, 1992, sections 2.9 and 5.6.)
        """
        weight = np.where(base, sample.weight, 0.0)
        total, product = exact_sum(weight), weight * values
        value = exact_sum(product) / total
        drawn = ~sample.certain
        influence = (weight * (values - value) / total)[drawn]
        variance, freedom, tail = _variance(influence, sample.stratum[drawn], sample.draws[drawn])
        theirs = exact_sum(weight[drawn])
        mean = exact_sum(product[drawn]) / theirs if theirs else 0.0
        return cls(value, mean, theirs / total, variance, freedom, tail)


def effective_drawn(sample: Sample, domain: NDArray[np.bool_]) -> float:
    """Kish's effective sample of a domain's queries that were drawn and not taken with certainty."""
    drawn = domain & ~sample.certain
    return effective_sample(sample.weight[drawn], sample.draws[drawn])


def _variance(
    influence: NDArray[np.float64], stratum: NDArray[np.intp], draws: NDArray[np.intp]
) -> tuple[float, float, float]:
    """Of a sum over independent draws within strata, with its degrees of freedom.

    Strata of one draw are taken together. The variance of an estimated variance is that of a chi-squared one
    (Satterthwaite: An approximate distribution of estimates of variance components, Biometrics Bulletin 1946), in
    `freedom` of normal draws, in `tail_freedom` of draws with the fourth moments that were measured.
    """
    counts = np.bincount(stratum, weights=draws)
    collapsed = np.where(counts[stratum] > 1, stratum, len(counts))
    variances, squares, fourths = [0.0], [0.0], [0.0]
    for number in np.unique(collapsed).tolist():
        of = collapsed == number
        size = int(draws[of].sum())
        if size < 2:
            continue
        deviation = (influence[of] / draws[of] - exact_sum(influence[of]) / size) ** 2
        variance = size / (size - 1) * exact_sum(draws[of] * deviation)
        variances.append(variance)
        squares.append(variance**2 / (size - 1))
        fourths.append(exact_sum(draws[of] * deviation**2))
    variance, square, fourth = exact_sum(variances), exact_sum(squares), exact_sum(fourths)
    if not square:
        return variance, float("inf"), float("inf")
    return variance, variance**2 / square, 2 * variance**2 / fourth
