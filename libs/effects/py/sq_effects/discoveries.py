"""p-values of families of tests."""

from __future__ import annotations

from collections.abc import Sequence


def simes(p_values: Sequence[float]) -> float:
    """P that all of a family's hypotheses hold (Simes: An improved Bonferroni procedure, Biometrika 1986).

    1 for an empty family.
    """
    count = len(p_values)
    return min((p * count / rank for rank, p in enumerate(sorted(p_values), 1)), default=1.0)


def rejected(p_values: Sequence[float], family: int, rate: float) -> list[bool]:
    """Which tests Benjamini and Hochberg reject (Controlling the false discovery rate, JRSS B 1995).

    Args:
        p_values: of the tests that were made.
        family: tests that were planned before any result was seen; those not made count as not significant.
        rate: false discovery rate, 0..1.

    Raises:
        ValueError: more tests were made than planned.
    """
    if len(p_values) > family:
        raise ValueError(f"{len(p_values)} tests were made, more than the {family} planned")
    threshold = max((p for rank, p in enumerate(sorted(p_values), 1) if p <= rate * rank / family), default=-1.0)
    return [p <= threshold for p in p_values]
