"""What a service says about its limits in the headers of its answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_LONGEST_ASKED = 300.0


@dataclass(frozen=True)
class Stated:
    """One limit a minute, as a service states it; None for what it does not state.

    Attributes:
        limit: of a minute.
        remaining: what may be used now.
        reset_seconds: until nothing of the limit is used.
    """

    limit: float | None = None
    remaining: float | None = None
    reset_seconds: float | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str], kind: str) -> Stated:
        """Reads x-ratelimit-limit-KIND, -remaining-KIND and -reset-KIND. `kind` is "requests" or "tokens"."""
        limit = _number(headers.get(f"x-ratelimit-limit-{kind}", ""))
        remaining = _number(headers.get(f"x-ratelimit-remaining-{kind}", ""))
        return cls(limit or None, remaining, seconds(headers.get(f"x-ratelimit-reset-{kind}", "")))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the service asks to wait; None if it asks for none, or gives a date."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        asked = _number(headers.get(name, ""))
        if asked is not None:
            return min(asked / unit, _LONGEST_ASKED)
    return None


def seconds(text: str) -> float | None:
    """Seconds of a duration such as "1s", "6m0s" or "120ms", or of a plain number of seconds."""
    plain = _number(text)
    if plain is not None:
        return plain
    parts = _PART.findall(text.strip())
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
