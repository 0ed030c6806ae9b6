"""How translation changed the tags of a query."""

from __future__ import annotations

from collections.abc import Iterable

from sq.v1.tag_difference_pb2 import (
    TAG_CHANGE_KIND_ADDED,
    TAG_CHANGE_KIND_CHANGED,
    TAG_CHANGE_KIND_LOST,
    TagChange,
)
from sq.v1.tag_pb2 import Tag


def tag_changes(meant: Iterable[Tag], said: Iterable[Tag]) -> list[TagChange]:
    """Holds the tags a query was meant to have against those of its text, by type and value.

    A tag whose type remains with another value has changed; where there are several of a type, they are paired in
    order. Lost and changed tags come first, as they stand in `meant`, then added ones, as they stand in `said`.
    """
    missing, extra = list(meant), list(said)
    for tag in list(missing):
        same = next((other for other in extra if (other.type, other.value) == (tag.type, tag.value)), None)
        if same is not None:
            missing.remove(tag)
            extra.remove(same)
    changes = []
    for tag in missing:
        instead = next((other for other in extra if other.type == tag.type), None)
        if instead is None:
            changes.append(TagChange(kind=TAG_CHANGE_KIND_LOST, before=tag))
        else:
            extra.remove(instead)
            changes.append(TagChange(kind=TAG_CHANGE_KIND_CHANGED, before=tag, after=instead))
    return changes + [TagChange(kind=TAG_CHANGE_KIND_ADDED, after=tag) for tag in extra]
