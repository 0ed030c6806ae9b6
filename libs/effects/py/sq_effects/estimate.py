"""A figure of the report with its interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """Where the figure of the whole log lies.

    Attributes:
        low, high: two-sided.
        at_least: one-sided lower bound at the same confidence.
    """

    low: float
    high: float
    at_least: float


@dataclass(frozen=True)
class Estimate:
    """A traffic-weighted figure.

    Attributes:
        value: of the sample, as an estimate of the whole log.
        queries: in the domain of the figure, those taken with certainty among them.
        effective: Kish's effective sample of those that were drawn; those taken with certainty have no sampling error.
        interval: None where too few queries were drawn, or too few of them change.
    """

    value: float
    queries: int
    effective: float
    interval: Interval | None
