"""The ids of segments and queries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sq.v1.tag_pb2 import Tag

UNTAGGED = "UNTAGGED"
DEFAULT_VALUE_TAG_TYPES = ("BRAND", "CATEGORY")


def segment_id(tags: Iterable[Tag], value_tag_types: Iterable[str]) -> str:
    """The sorted tags joined by "+", with values for `value_tag_types` only: "CATEGORY=shirt+COLOUR"."""
    with_value = frozenset(value_tag_types)
    keys = {f"{tag.type}={tag.value}" if tag.type in with_value else tag.type for tag in tags}
    return "+".join(sorted(keys)) or UNTAGGED


def query_id(source_text: str, source_language: str, language: str) -> str:
    """ "q" and 16 hexadecimal digits. The same query has the same id in every run."""
    key = "\0".join([source_text, source_language, language])
    return "q" + hashlib.sha256(key.encode()).hexdigest()[:16]
