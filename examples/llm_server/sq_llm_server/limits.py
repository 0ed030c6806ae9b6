"""The service's own limits a minute, and the headers that state them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

_MINUTE = 60.0


class Limit:
    """A limit a minute that fills continuously, as that of OpenAI."""

    def __init__(self, per_minute: float, now: float) -> None:
        self.per_minute = per_minute
        self.remaining = per_minute
        self._at = now

    def fill(self, now: float) -> None:
        self.remaining = min(self.per_minute, self.remaining + (now - self._at) * self.per_minute / _MINUTE)
        self._at = now

    @property
    def reset_seconds(self) -> float:
        return (self.per_minute - self.remaining) / self.per_minute * _MINUTE


@dataclass(frozen=True)
class RateLimits:
    """Most requests and tokens a minute; 0 for no limit."""

    requests: float = 0
    tokens: float = 0


class RateLimiter:
    """Counts calls against the limits."""

    def __init__(self, limits: RateLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        named = (("requests", limits.requests), ("tokens", limits.tokens))
        self._limits = {kind: Limit(most, clock()) for kind, most in named if most}

    def admit(self, tokens: int) -> float:
        """Counts a call of this size. Returns 0, or the seconds to wait if a limit is reached; then nothing counts."""
        amounts = {"requests": 1, "tokens": tokens}
        wait = 0.0
        for kind, limit in self._limits.items():
            limit.fill(self._clock())
            wait = max(wait, (min(amounts[kind], limit.per_minute) - limit.remaining) / limit.per_minute * _MINUTE)
        if wait <= 0:
            for kind, limit in self._limits.items():
                limit.remaining -= amounts[kind]
        return max(wait, 0.0)

    def headers(self) -> dict[str, str]:
        found = {}
        for kind, limit in self._limits.items():
            limit.fill(self._clock())
            found[f"x-ratelimit-limit-{kind}"] = f"{limit.per_minute:.0f}"
            found[f"x-ratelimit-remaining-{kind}"] = f"{max(limit.remaining, 0):.0f}"
            found[f"x-ratelimit-reset-{kind}"] = f"{limit.reset_seconds * 1000:.0f}ms"
        return found
