"""How many queries a difference of nDCG needs, and how many of them an audit."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from scipy.stats import norm

from sq_cli.compare.comparison import changes
from sq_cli.compare.run_records import MarketRun
from sq_effects.kish import effective_sample

# The change of nDCG@10 of a query between two rankers of the same results had a standard deviation of 0.13, over 46
# queries for consumer electronics. Other results, and not another order alone, change more.
DEVIATION = 0.2
CORRELATION = 0.8
_LEVEL, POWER = 0.95, 0.8
_TIMES = (1.0, 1.5, 2.0, 4.0)


@dataclass(frozen=True)
class Spread:
    """Attributes:
    deviation: standard deviation of the change of a query's nDCG, 0..1.
    design: queries that a sample by traffic needs for each one of equal weight, at least 1.
    source: where these come from.
    """

    deviation: float = DEVIATION
    design: float = 1.0
    source: str = "assumed"


@dataclass(frozen=True)
class Audited:
    """A number of judged queries and how many of them an audit must judge as well."""

    queries: int
    audits: int


@dataclass(frozen=True)
class Detection:
    """Attributes:
    queries: for the judge's own figures.
    audited: for the figures that the audit's judge would give, by the number of queries judged.
    """

    difference: float
    spread: Spread
    correlation: float
    queries: int
    audited: list[Audited]


def detection(difference: float, spread: Spread, correlation: float = CORRELATION) -> Detection:
    """Queries for a paired two-sided test of 5 % that sees a difference with a probability of 80 %.

    n = design * (deviation * (z_0.975 + z_0.8) / difference)^2 + z_0.975^2 / 2, where the last part makes up for the
    estimated deviation (Guenther 1981). With m audits of n queries, an estimate with power tuning (PPI++, Angelopoulos
    et al. 2023) has the variance deviation^2 * ((1 - r^2) / m + r^2 / n), which m has to bring to that of the test.

    Args:
        difference: of mean nDCG, above 0.
        correlation: r, of a query's change by the judge and by the audit's judge, 0..1.
    """
    reach = norm.ppf(0.5 + _LEVEL / 2) + norm.ppf(POWER)
    small = norm.ppf(0.5 + _LEVEL / 2) ** 2 / 2
    plain = (spread.deviation * reach / difference) ** 2
    queries = ceil(spread.design * plain + small)
    audited = []
    for times in _TIMES:
        judged = times * plain
        left = 1 / plain - correlation**2 / judged
        audits = min((1 - correlation**2) / left if correlation < 1 else 0.0, judged)
        audited.append(Audited(ceil(spread.design * judged + small), ceil(spread.design * audits + small)))
    return Detection(difference, spread, correlation, queries, audited)


def spread_of(first: MarketRun, second: MarketRun, source: str) -> Spread | None:
    """The spread of two runs over the same queries; None with fewer than two, or where no query changed."""
    sample, delta = changes(first, second)
    if len(delta) < 2:
        return None
    mean = np.average(delta, weights=sample.weight)
    variance = np.average((delta - mean) ** 2, weights=sample.weight) * len(delta) / (len(delta) - 1)
    if not variance:
        return None
    design = len(delta) / effective_sample(sample.weight, sample.draws)
    return Spread(sqrt(variance), max(1.0, float(design)), source)
