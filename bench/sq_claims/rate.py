"""A share with its confidence bounds."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import beta


@dataclass(frozen=True)
class Rate:
    """hits of trials, with 95 % bounds (Clopper and Pearson 1934)."""

    hits: int
    trials: int

    @property
    def value(self) -> float:
        return self.hits / self.trials if self.trials else 0.0

    @property
    def low(self) -> float:
        return float(beta.ppf(0.025, self.hits, self.trials - self.hits + 1)) if self.hits else 0.0

    @property
    def high(self) -> float:
        missed = self.trials - self.hits
        return float(beta.ppf(0.975, self.hits + 1, missed)) if missed else 1.0

    def __str__(self) -> str:
        return f"{self.value:.1%} [{self.low:.1%}, {self.high:.1%}]"
