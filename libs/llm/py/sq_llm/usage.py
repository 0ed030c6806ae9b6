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


@dataclass(frozen=True)
class Size:
    """The size of a request, before its usage is known.

    Attributes:
        input_bytes: of the request, in UTF-8.
        output_tokens: that an answer usually has.
    """

    input_bytes: int
    output_tokens: int

    @property
    def estimate(self) -> Usage:
        """An estimate of one call that answers this request, where nothing is known about the model."""
        return Usage(calls=1, input_tokens=self.input_bytes // _BYTES_PER_TOKEN, output_tokens=self.output_tokens)
