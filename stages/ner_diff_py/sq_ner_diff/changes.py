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


def tag_changes(intended: Iterable[Tag], found: Iterable[Tag]) -> list[TagChange]:
    """Compares the intended tags of a query with those of its text, by type and value.

    A tag has changed if its type has another value in the text. Several tags of a type are paired in order. Lost and
    changed tags come first, in the order of `intended`, then added ones, in the order of `found`.
    """
    missing, extra = list(intended), list(found)
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
