"""What calls of a model use."""

from __future__ import annotations

from dataclasses import dataclass

# English prose has about four bytes a token; less makes an estimate run high, which is the safe side.
_BYTES_PER_TOKEN = 3


@dataclass(frozen=True)
class Usage:
    """What calls used. cached_tokens are those of input_tokens that the service had in its own cache."""

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
    """What a call with this request is likely to use at most, for the reserve that a budget sets aside."""
    return Usage(calls=1, input_tokens=len(request) // _BYTES_PER_TOKEN, output_tokens=output_tokens)
