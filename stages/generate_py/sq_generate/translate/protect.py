"""Parts of a query that are the same in every language."""

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
    """A translation that lost, doubled or invented a placeholder."""


def protected_spans(text: str, tags: Iterable[Tag]) -> tuple[Span, ...]:
    """Spans of brands and models, ascending and apart."""
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
    """The text with placeholders [[0]], [[1]] … for its protected spans."""
    parts, at = [], 0
    for number, (start, end) in enumerate(spans):
        parts += [text[at:start], f"[[{number}]]"]
        at = end
    return "".join([*parts, text[at:]])


def reveal(translated: str, text: str, spans: tuple[Span, ...]) -> str:
    """A translation with the protected spans back in place of their placeholders.

    Raises:
        DroppedPlaceholder: not each of them stands in it exactly once.
    """
    found = sorted(int(number) for number in _PLACEHOLDER.findall(translated))
    if found != list(range(len(spans))):
        raise DroppedPlaceholder("a protected brand or model was dropped, doubled or invented")
    return _PLACEHOLDER.sub(lambda match: text[slice(*spans[int(match.group(1))])], translated)
