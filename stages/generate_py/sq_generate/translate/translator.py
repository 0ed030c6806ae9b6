"""The interface of every translator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sq.v1.query_pb2 import QueryFailureReason

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """A query in normal form, and the spans of code points that must not change: ascending, without overlap."""

    text: str
    protected: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Translation:
    """The query in the market's language, in normal form."""

    text: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a query has no translation. `detail` is the same in equal runs."""

    reason: QueryFailureReason
    detail: str


Outcome = Translation | Failed


class Translator(Protocol):
    """`translates` is False if texts are only copied."""

    translates: bool

    def translate(self, sources: Sequence[Source]) -> list[Outcome]:
        """One outcome for each source, in order."""

    def value(self, value: str) -> str:
        """A tag's value in the market's language, or "" if telling it would need a paid call."""


class Copy:
    """For a market in the source's language."""

    translates = False

    def translate(self, sources: Sequence[Source]) -> list[Outcome]:
        return [Translation(source.text) for source in sources]

    def value(self, value: str) -> str:
        return value
