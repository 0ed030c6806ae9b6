"""Measures ours and a peer in turn, so that changes of the machine's speed affect both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Comparison:
    """Ours against one peer that does the same work.

    Attributes:
        unit: of ours and theirs, such as "records/s"; higher is better.
        ratio: median over the pairs of ours / theirs.
        low, high: smallest and largest ratio of a pair.
    """

    name: str
    peer: str
    unit: str
    ours: float
    theirs: float
    ratio: float
    low: float
    high: float
    pairs: int

    def as_dict(self) -> dict:
        return asdict(self)


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(
    name: str,
    unit: str,
    amount: float,
    ours: Callable[[], object],
    peer: str,
    theirs: Callable[[], object],
    pairs: int = 5,
) -> Comparison:
    """Compares the rates of ours and a peer over the same work. The first pair does not count.

    Args:
        amount: work of one call, in units.
    """
    seconds(ours)
    seconds(theirs)
    times = [(seconds(ours), seconds(theirs)) for _ in range(pairs)]
    return from_rates(name, unit, peer, [(amount / a, amount / b) for a, b in times])


def from_rates(name: str, unit: str, peer: str, rates: list[tuple[float, float]]) -> Comparison:
    """Makes a comparison from pairs of rates (ours, theirs)."""
    ratios = [ours / theirs for ours, theirs in rates]
    return Comparison(
        name=name,
        peer=peer,
        unit=unit,
        ours=statistics.median(ours for ours, _ in rates),
        theirs=statistics.median(theirs for _, theirs in rates),
        ratio=statistics.median(ratios),
        low=min(ratios),
        high=max(ratios),
        pairs=len(rates),
    )
