"""What every translator gives and takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sq.v1.query_pb2 import QueryFailureReason

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """A normalised query and the spans of code points, ascending and apart, that must stay as they are."""

    text: str
    protected: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Translation:
    """The query in the market's language, normalised."""

    text: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Why there is none; `detail` is the same in every equal run."""

    reason: QueryFailureReason
    detail: str


Outcome = Translation | Failed


class Translator(Protocol):
    """`translates` is False for a mere copy."""

    translates: bool

    def translate(self, sources: Sequence[Source]) -> list[Outcome]:
        """One outcome for each source, in order."""

    def value(self, value: str) -> str:
        """A tag's value in the market's language, "" where this is not known for nothing."""


class Copy:
    """Source and market speak one language."""

    translates = False

    def translate(self, sources: Sequence[Source]) -> list[Outcome]:
        return [Translation(source.text) for source in sources]

    def value(self, value: str) -> str:
        return value
