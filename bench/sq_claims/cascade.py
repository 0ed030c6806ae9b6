"""`bazel run //bench:cascade [-- --labels N]`: whether a cascade's first judge agrees as `sq calibrate` says.

A market has endless queries. The judge misreads some altogether and is as sure of them as of others; otherwise its
confidence is the probability that it is right. Each simulation labels some queries, takes the threshold, and looks up
the agreement over very many queries. Beside it: the same with pairs in place of queries as the unit.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sq_agreement import find_threshold
from sq_claims.rate import Rate

_AGREEMENT = 0.85
_TRUTH_QUERIES = 20_000
# Queries labelled, share of them misread.
_CASES = ((60, 0.05), (67, 0.1), (120, 0.1), (300, 0.05), (300, 0.2))


@dataclass(frozen=True)
class Market:
    """Pairs of some queries, of 4 to 40 products each."""

    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]
    query: NDArray[np.intp]

    @classmethod
    def draw(cls, rng: np.random.Generator, queries: int, misread: float) -> Market:
        query = np.repeat(np.arange(queries), rng.integers(4, 41, queries))
        confidence = rng.beta(4, 1, len(query)).round(4)
        chance = np.where((rng.random(queries) < misread)[query], 0.35, confidence)
        return cls(confidence, rng.random(len(query)) < chance, query)

    def agreement(self, threshold: float) -> float:
        """Mean over queries of the share of kept grades that are right."""
        kept = self.confidence >= threshold
        count = np.bincount(self.query[kept], minlength=self.query[-1] + 1)
        right = np.bincount(self.query[kept], self.right[kept], minlength=self.query[-1] + 1)
        return float((right[count > 0] / count[count > 0]).mean())


def simulate(queries: int, misread: float, labels: int, by_pair: bool) -> tuple[Rate, Rate, float]:
    """How often the agreement asked for holds, how often a threshold was found, and the mean share that it keeps."""
    rng = np.random.default_rng(queries)
    truth = Market.draw(rng, _TRUTH_QUERIES, misread)
    agreements: dict[float, float] = {}
    held = found = 0
    kept = 0.0
    for _ in range(labels):
        market = Market.draw(rng, queries, misread)
        unit = np.arange(len(market.query)) if by_pair else market.query
        threshold = find_threshold(market.confidence.tolist(), market.right.tolist(), unit.tolist(), _AGREEMENT)
        if threshold is None:
            held += 1
            continue
        found += 1
        kept += threshold.kept
        value = threshold.value
        agreements[value] = agreements.get(value) or truth.agreement(value)
        held += agreements[value] >= _AGREEMENT
    return Rate(held, labels), Rate(found, labels), kept / max(found, 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=1000, help="simulations of each case")
    flags = parser.parse_args()
    worst = 1.0
    for queries, misread in _CASES:
        held, found, kept = simulate(queries, misread, flags.labels, by_pair=False)
        pairs = simulate(queries, misread, flags.labels, by_pair=True)[0]
        worst = min(worst, held.value)
        print(
            f"{queries} queries, {misread:.0%} misread: holds {held}, found {found.value:.0%}, keeps {kept:.0%}; "
            f"with pairs as the unit it holds {pairs}",
            flush=True,
        )
    print(f"worst {worst:.1%}")
    return 0 if worst >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
