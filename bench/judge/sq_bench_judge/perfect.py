"""A scheduler that loses no time: what nobody can be faster than with the same latencies in the same order."""

from __future__ import annotations

import heapq
from collections.abc import Sequence


def seconds(latencies: Sequence[float], at_once: int) -> float:
    """How long all calls take if one starts in the moment in which another ends.

    Args:
        latencies: of the calls, in seconds, in the order in which they start.
        at_once: most calls in progress.
    """
    free = [0.0] * at_once
    for latency in latencies:
        heapq.heapreplace(free, free[0] + latency)
    return max(free)
