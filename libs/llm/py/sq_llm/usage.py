"""What calls of a model use: calls and tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace

# English prose has about four bytes a token. Three gives high estimates, which is the safe side.
BYTES_PER_TOKEN = 3


@dataclass(frozen=True)
class Tokens:
    """Tokens of calls. `cached` is the part of `input` that the service read from its cache."""

    input: int = 0
    cached: int = 0
    output: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.input + other.input, self.cached + other.cached, self.output + other.output)

    def __sub__(self, other: Tokens) -> Tokens:
        return Tokens(self.input - other.input, self.cached - other.cached, self.output - other.output)


_NONE = Tokens()


@dataclass(frozen=True)
class Usage:
    """Usage of calls.

    Attributes:
        cached_tokens: part of `input_tokens` that the service read from its cache.
        reduced: part of all tokens that was bought at the reduced price of the modes flex and batch.
        fallbacks: calls at the standard price because the service had no room in its flex tier.
    """

    calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reduced: Tokens = _NONE
    fallbacks: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
            self.reduced + other.reduced,
            self.fallbacks + other.fallbacks,
        )

    def __sub__(self, other: Usage) -> Usage:
        return Usage(
            self.calls - other.calls,
            self.input_tokens - other.input_tokens,
            self.cached_tokens - other.cached_tokens,
            self.output_tokens - other.output_tokens,
            self.reduced - other.reduced,
            self.fallbacks - other.fallbacks,
        )

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    @property
    def standard(self) -> Tokens:
        """The tokens at the standard price."""
        return Tokens(self.input_tokens, self.cached_tokens, self.output_tokens) - self.reduced

    def at_reduced_price(self) -> Usage:
        """The same usage, with all tokens at the reduced price."""
        return replace(self, reduced=Tokens(self.input_tokens, self.cached_tokens, self.output_tokens))


@dataclass(frozen=True)
class Size:
    """The size of a request, before its usage is known.

    Attributes:
        input_bytes: of the request, in UTF-8.
        output_tokens: that an answer usually has.
    """

    input_bytes: int
    output_tokens: int

    def __add__(self, other: Size) -> Size:
        return Size(self.input_bytes + other.input_bytes, self.output_tokens + other.output_tokens)

    def __sub__(self, other: Size) -> Size:
        return Size(self.input_bytes - other.input_bytes, self.output_tokens - other.output_tokens)

    @property
    def estimate(self) -> Usage:
        """An estimate of one call that answers this request, where nothing is known about the model."""
        return Usage(calls=1, input_tokens=self.input_bytes // BYTES_PER_TOKEN, output_tokens=self.output_tokens)
