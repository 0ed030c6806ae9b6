"""Protects the parts of a query that are the same in every language."""

from __future__ import annotations

from collections.abc import Iterable

import regex

from sq.v1.tag_pb2 import Tag
from sq_generate.translate.translator import Span

TYPES = frozenset(["BRAND", "MODEL", "SERIES"])
# A model's name mixes letters and digits within one word: "wh-1000xm4", "ps4", "501s"; "2-piece" does not.
_CHUNK = regex.compile(r"[\p{L}\p{M}\p{N}][^\s,;:!?()\[\]\"]*")
_MIXED = regex.compile(r"\p{L}\p{N}|\p{N}\p{L}")
_PLACEHOLDER = regex.compile(r"\[\[(\d+)\]\]")


class DroppedPlaceholder(ValueError):
    """A translation that dropped, repeated or invented a placeholder."""


def protected_spans(text: str, tags: Iterable[Tag]) -> tuple[Span, ...]:
    """Spans of brands and models, ascending and without overlap."""
    spans = [(tag.start, tag.end) for tag in tags if tag.type in TYPES]
    spans += [match.span() for match in _CHUNK.finditer(text) if _MIXED.search(match.group())]
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def hide(text: str, spans: tuple[Span, ...]) -> str:
    """The text with a placeholder [[0]], [[1]] … for each protected span."""
    parts, at = [], 0
    for number, (start, end) in enumerate(spans):
        parts += [text[at:start], f"[[{number}]]"]
        at = end
    return "".join([*parts, text[at:]])


def reveal(translated: str, text: str, spans: tuple[Span, ...]) -> str:
    """The translation with the protected spans in place of their placeholders.

    Raises:
        DroppedPlaceholder: a placeholder does not occur exactly once.
    """
    found = sorted(int(number) for number in _PLACEHOLDER.findall(translated))
    if found != list(range(len(spans))):
        raise DroppedPlaceholder("the translation dropped, repeated or invented a protected brand or model")
    return _PLACEHOLDER.sub(lambda match: text[slice(*spans[int(match.group(1))])], translated)
