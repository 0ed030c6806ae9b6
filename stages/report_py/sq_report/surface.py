"""Words as they were typed, for the lemmas that tags and judges name them by."""

from __future__ import annotations

from collections.abc import Iterable

from sq.v1.judgment_pb2 import Reason
from sq.v1.query_pb2 import Query
from sq.v1.tag_pb2 import Tag
from sq_text import canonical, tokenise


def as_typed(query: Query) -> dict[str, str]:
    """The words and tags of a query by their canonical form; the text's own words before those that were meant."""
    typed: dict[str, str] = {}
    for text in (query.text, query.meant_text):
        for token in tokenise(text):
            typed.setdefault(canonical(token.text, query.language), token.text)
    for tag in query.tags:
        if tag.surface:
            typed.setdefault(tag.value, tag.surface)
    return typed


def typed_reasons(reasons: Iterable[Reason], typed: dict[str, str]) -> list[Reason]:
    """Reasons with their values as typed; a value that no word has stays."""
    return [
        Reason(code=reason.code, tag_type=reason.tag_type, value=typed.get(reason.value, reason.value))
        for reason in reasons
    ]


def commonest_surface(tags: Iterable[Tag]) -> str:
    """The spelling that most of the tags have, of equals the first by alphabet; empty where none has one."""
    counts: dict[str, int] = {}
    for tag in tags:
        if tag.surface:
            counts[tag.surface] = counts.get(tag.surface, 0) + 1
    return min(counts, key=lambda surface: (-counts[surface], surface), default="")
