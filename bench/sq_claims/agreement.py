"""`bazel run //bench:agreement [-- --judges N]`: how often intervals of a judge's agreement hold the truth.

A market has endless queries; some are misread by the judge altogether, and people rate most products 0 or 4, as on real
data. The truth is the figure over very many queries.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sq_agreement import Agreement, agreement
from sq_claims.rate import Rate

_LABELS = (0.45, 0.08, 0.02, 0.1, 0.35)
_SHIFTS, _SHIFT_SHARES = (-1, 0, 1), (0.06, 0.88, 0.06)
_TRUTH_QUERIES = 20_000
_FIGURES = ("exact", "kappa", "quadratic_kappa", "bias")
# Queries labelled, share of them misread by the judge.
_CASES = ((60, 0.1), (67, 0.3), (120, 0.1), (300, 0.1))


def draw(rng: np.random.Generator, queries: int, misread: float) -> tuple[NDArray, NDArray, NDArray]:
    """Labels, judgments and query numbers of the pairs of some queries, of 4 to 40 products each."""
    sizes = rng.integers(4, 41, queries)
    query = np.repeat(np.arange(queries), sizes)
    # How relevant a query's products are varies by query.
    tilt = rng.dirichlet(4 * np.array(_LABELS), queries)
    labels = (rng.random(len(query))[:, None] > tilt.cumsum(1)[query]).sum(1).clip(0, 4)
    shifted = np.clip(labels + rng.choice(_SHIFTS, len(query), p=_SHIFT_SHARES), 0, 4)
    judged = np.where((rng.random(queries) < misread)[query], rng.choice(5, len(query), p=_LABELS), shifted)
    return labels, judged, query


def _agreement(drawn: Sequence[NDArray]) -> Agreement:
    labels, judged, query = (part.tolist() for part in drawn)
    return agreement(labels, judged, query)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judges", type=int, default=2000, help="simulations of each case")
    flags = parser.parse_args()
    worst = 1.0
    for queries, misread in _CASES:
        rng = np.random.default_rng(queries)
        truth = _agreement(draw(rng, _TRUTH_QUERIES, misread))
        held = dict.fromkeys(_FIGURES, 0)
        for _ in range(flags.judges):
            found = _agreement(draw(rng, queries, misread))
            for name in _FIGURES:
                figure = getattr(found, name)
                held[name] += figure.low <= getattr(truth, name).value <= figure.high
        rates = {name: Rate(count, flags.judges) for name, count in held.items()}
        worst = min(worst, *(rate.value for rate in rates.values()))
        told = ", ".join(f"{name} {rate}" for name, rate in rates.items())
        print(f"{queries} queries, {misread:.0%} misread: {told}", flush=True)
    print(f"worst coverage {worst:.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
