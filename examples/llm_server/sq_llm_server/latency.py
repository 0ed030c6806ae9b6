"""How long a model takes: log-normal, and the same for equal requests."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Latency:
    """Attributes:
    median_seconds: of all requests; 0 for no wait.
    sigma: standard deviation of the logarithm.
    seed: another seed gives equal requests other waits.
    """

    median_seconds: float = 0.0
    sigma: float = 0.5
    seed: int = 0

    def seconds(self, request: str) -> float:
        """Of the request with this digest (see `server.digest_of`)."""
        if not self.median_seconds:
            return 0.0
        return self.median_seconds * random.Random(f"{self.seed}/{request}").lognormvariate(0, self.sigma)
