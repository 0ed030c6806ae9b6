"""The mean that the audit's judge would give to all queries: stratified, prediction-powered."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sq_audit.draw import Drawn

_LEVEL = 0.95
# Queries that a stratum needs for a slope of its own.
_LEAST = 4


@dataclass(frozen=True)
class AuditEstimate:
    """Attributes:
    first: mean by the first judge, weighted by traffic.
    value: the mean that the audit's judge would give, with its 95 % interval.
    alone: the same from the audited queries alone, and its standard error.
    audits: queries audited.
    effective: audits that would tell as much without the first judge's figures.
    """

    first: float
    value: float
    low: float
    high: float
    alone: float
    alone_error: float
    audits: int
    effective: float


def estimate(
    weight: NDArray[np.float64], first: NDArray[np.float64], audited: NDArray[np.float64], drawn: Drawn
) -> AuditEstimate:
    """Estimates the weighted mean over these queries that the audit's judge would give if it judged all of them.

    In each stratum: the sum of slope * first over all queries, and the drawn queries' mean difference from it. The
    slope is the one of least variance (power tuning: PPI++, Angelopoulos et al. 2023, arXiv 2311.01453; by stratum:
    Fisch et al. 2024, arXiv 2406.04291). The queries are a finite population, so a stratum that is audited as a whole
    adds no variance (Cochran, Sampling techniques, 1977).

    Args:
        weight: traffic of each query.
        first: its figure by the first judge.
        audited: its figure by the audit's judge; only those drawn are looked at.

    Raises:
        ValueError: a stratum has fewer than two audited queries and others that are not.
    """
    share = weight / weight.sum()
    value = variance = alone = alone_variance = 0.0
    freedom: list[tuple[float, int]] = []
    for number in range(int(drawn.stratum.max()) + 1):
        members = drawn.stratum == number
        taken = members & drawn.audited
        size, count = int(members.sum()), int(taken.sum())
        if count < min(2, size):
            raise ValueError(f"stratum {number} has {count} audited queries of {size}: draw at least two")
        told, known = share[taken] * audited[taken], share[taken] * first[taken]
        slope = _slope(known, told)
        spare = 2 if slope else 1
        difference = told - slope * known
        value += slope * float((share[members] * first[members]).sum()) + size * float(difference.mean())
        alone += size * float(told.mean())
        if count == size:
            continue
        scale = size**2 * (1 - count / size) / count
        residual = difference - difference.mean()
        if slope:
            residual = residual * _stretch(known, float((share[members] * first[members]).mean()))
        own = scale * float((residual**2).sum()) / (count - 1)
        variance += own
        alone_variance += scale * float(np.var(told, ddof=1))
        freedom.append((own, count - spare))
    reach = float(stats.t.ppf(0.5 + _LEVEL / 2, _freedom(variance, freedom))) * sqrt(variance)
    count = int(drawn.audited.sum())
    return AuditEstimate(
        first=float((share * first).sum()),
        value=value,
        low=max(0.0, value - reach),
        high=min(1.0, value + reach),
        alone=alone,
        alone_error=sqrt(alone_variance),
        audits=count,
        effective=count * alone_variance / variance if variance else float(len(weight)),
    )


def _slope(known: NDArray[np.float64], told: NDArray[np.float64]) -> float:
    """How far the first judge's figures are followed; 0 where too few queries tell."""
    if len(known) < _LEAST or not known.var():
        return 0.0
    return float(np.cov(known, told)[0, 1] / known.var(ddof=1))


def _stretch(known: NDArray[np.float64], mean: float) -> NDArray[np.float64]:
    """Factors of residuals that make up for a slope from the same few queries.

    Each residual counts as it would if its query had no part in the slope (HC3: MacKinnon and White 1985), and more on
    the side where the drawn queries lack what all have (g-weights: Särndal, Swensson and Wretman 1989).

    Args:
        mean: of the first judge's figures over all queries of the stratum.
    """
    away = known - known.mean()
    total = float((away**2).sum())
    leverage = np.minimum(1 / len(known) + away**2 / total, 0.9)
    return (1 + (mean - known.mean()) * away * len(known) / total) / (1 - leverage)


def _freedom(variance: float, parts: list[tuple[float, int]]) -> float:
    """Degrees of freedom of a sum of variances (Satterthwaite 1946)."""
    below = sum(own**2 / free for own, free in parts)
    return variance**2 / below if below else 1.0
