"""The sampling error of what was drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sq_report.effects.kish import effective_sample
from sq_report.effects.sample import Sample
from sq_report.effects.whole_units import exact_sum


@dataclass(frozen=True)
class Drawn:
    """A ratio estimate and its sampling error, as the design makes it.

    Attributes:
        value: sum of weight x value over sum of weight.
        mean: the same over the queries that were drawn and not taken with certainty.
        share: of the weight that is theirs, 0..1.
        variance: of value.
        freedom: degrees of freedom of the variance.
    """

    value: float
    mean: float
    share: float
    variance: float
    freedom: float

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
        variance, freedom = _variance(influence, sample.stratum[drawn], sample.draws[drawn])
        theirs = exact_sum(weight[drawn])
        mean = exact_sum(product[drawn]) / theirs if theirs else 0.0
        return cls(value, mean, theirs / total, variance, freedom)


def effective_drawn(sample: Sample, domain: NDArray[np.bool_]) -> float:
    """Kish's effective sample of a domain's queries that were drawn and not taken with certainty."""
    drawn = domain & ~sample.certain
    return effective_sample(sample.weight[drawn], sample.draws[drawn])


def _variance(
    influence: NDArray[np.float64], stratum: NDArray[np.intp], draws: NDArray[np.intp]
) -> tuple[float, float]:
    """Of a sum over independent draws within strata, with Satterthwaite's degrees of freedom.

    Strata of one draw are taken together. (Satterthwaite: An approximate distribution of estimates of variance
    components, Biometrics Bulletin 1946.)
    """
    counts = np.bincount(stratum, weights=draws)
    collapsed = np.where(counts[stratum] > 1, stratum, len(counts))
    variances, squares = [0.0], [0.0]
    for number in np.unique(collapsed).tolist():
        of = collapsed == number
        size = int(draws[of].sum())
        if size < 2:
            continue
        each = influence[of] / draws[of]
        mean = exact_sum(influence[of]) / size
        variance = size / (size - 1) * exact_sum(draws[of] * (each - mean) ** 2)
        variances.append(variance)
        squares.append(variance**2 / (size - 1))
    variance, square = exact_sum(variances), exact_sum(squares)
    return variance, variance**2 / square if square else float("inf")
