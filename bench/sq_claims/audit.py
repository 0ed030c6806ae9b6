"""`bazel run //bench:audit [-- --audits N]`: how often an audit's interval holds what its judge would say of all.

A run has queries of skewed traffic. Many have an nDCG of exactly 0 or 1 by both judges. Each simulation draws another
audit of the same run.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from numpy.typing import NDArray

from sq_audit import draw, estimate
from sq_claims.rate import Rate

# Queries, audits, and how much of the first judge's figure is that of the audit's judge.
_CASES = ((300, 60, 0.9), (600, 100, 0.9), (600, 100, 0.6), (1500, 150, 0.8), (1500, 300, 0.8), (1500, 300, 0.0))


def run_of(rng: np.random.Generator, queries: int, alike: float) -> tuple[NDArray, NDArray, NDArray]:
    """Traffic, nDCG by the first judge and nDCG by the audit's judge, which is lower by 0.05."""
    truth = _ndcg(rng, queries)
    first = np.where(rng.random(queries) < alike, truth + rng.normal(0, 0.08, queries) + 0.05, _ndcg(rng, queries))
    return rng.pareto(1.5, queries) + 1, np.clip(first, 0, 1), truth


def _ndcg(rng: np.random.Generator, queries: int) -> NDArray:
    kind = rng.random(queries)
    return np.where(kind < 0.1, 0.0, np.where(kind > 0.7, 1.0, rng.beta(4, 1.5, queries)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audits", type=int, default=2000, help="simulations of each case")
    flags = parser.parse_args()
    worst = 1.0
    for queries, audits, alike in _CASES:
        weight, first, truth = run_of(np.random.default_rng(queries + audits), queries, alike)
        target = float(np.average(truth, weights=weight))
        found = [estimate(weight, first, truth, draw(weight, first, audits, seed)) for seed in range(flags.audits)]
        held = Rate(sum(one.low <= target <= one.high for one in found), flags.audits)
        worst = min(worst, held.value)
        width = np.mean([one.high - one.low for one in found])
        alone = np.var([one.alone for one in found]) / np.var([one.value for one in found])
        print(
            f"{queries} queries, {audits} audits, {alike:.0%} alike (r {np.corrcoef(first, truth)[0, 1]:.2f}): "
            f"holds {held}, width {width:.3f}, bias {np.mean([one.value for one in found]) - target:+.4f}, "
            f"as good as {alone * audits:.0f} audits alone",
            flush=True,
        )
    print(f"worst coverage {worst:.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
