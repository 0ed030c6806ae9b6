"""What calls of a model use: calls and tokens."""

from __future__ import annotations

from dataclasses import dataclass

# English prose has about four bytes a token. Three gives high estimates, which is the safe side.
_BYTES_PER_TOKEN = 3


@dataclass(frozen=True)
class Usage:
    """Usage of calls. `cached_tokens` is the part of `input_tokens` that the service read from its cache."""

    calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
        )

    def __sub__(self, other: Usage) -> Usage:
        return Usage(
            self.calls - other.calls,
            self.input_tokens - other.input_tokens,
            self.cached_tokens - other.cached_tokens,
            self.output_tokens - other.output_tokens,
        )

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


def estimate(request: bytes, output_tokens: int) -> Usage:
    """An upper estimate of what a call with this request uses, for the budget to reserve."""
    return Usage(calls=1, input_tokens=len(request) // _BYTES_PER_TOKEN, output_tokens=output_tokens)
