"""Checks the answers of a service against its contract. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import regex

from sq.v1.ner_service_pb2 import TagTextsResponse
from sq.v1.tag_pb2 import Tag
from sq_text import canonical

_TYPE = regex.compile(r"[A-Z][A-Z0-9_]*")
_canonical = lru_cache(maxsize=1 << 16)(canonical)


class BadAnswer(ValueError):
    """An answer that breaks the contract of sq.v1.NerService."""


def read_answer(texts: Sequence[str], answer: TagTextsResponse, language: str) -> list[list[Tag]]:
    """The tags of each text. Values are converted to canonical form, so that an engine need not know our lemmas.

    Raises:
        BadAnswer: names the text and the tag.
    """
    if len(answer.texts) != len(texts):
        raise BadAnswer(f"{len(answer.texts)} answers for {len(texts)} texts")
    return [_tags(text, found.tags, language) for text, found in zip(texts, answer.texts, strict=True)]


def _tags(text: str, found: Sequence[Tag], language: str) -> list[Tag]:
    tags, end = list(found), 0
    for tag in tags:
        if not end <= tag.start < tag.end <= len(text):
            raise BadAnswer(
                f"{_describe(tag)} in {text!r} is out of order, overlaps another tag, or is outside the text"
            )
        end = tag.end
        surface = text[tag.start : end]
        tag.surface = tag.surface or surface
        if tag.surface != surface:
            raise BadAnswer(f"{_describe(tag)}: {text!r} has {surface!r} at these offsets; offsets count code points")
        if not _TYPE.fullmatch(tag.type):
            raise BadAnswer(f"{_describe(tag)} in {text!r}: tag types are upper case, like COLOUR")
        value = _canonical(tag.value, language)
        if not value:
            raise BadAnswer(f"{_describe(tag)} in {text!r} has a value that contains no word")
        if value != tag.value:
            tag.value = value
    return tags


def _describe(tag: Tag) -> str:
    return f"{tag.type}={tag.value} ({tag.surface!r}, {tag.start}–{tag.end})"
