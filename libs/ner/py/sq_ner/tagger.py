"""The interface of taggers, and the tagger in this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sq.v1.tag_pb2 import Tag, TagEngine
from sq_text import Entry, Gazetteer, gazetteer_engine


class Tagger(Protocol):
    """Tags texts of one language.

    Attributes:
        engine: what finds the tags; equal engines find equal tags.
    """

    engine: TagEngine

    def tag_all(self, texts: Sequence[str]) -> list[list[Tag]]:
        """The entities of each text, in order, without overlap. Offsets count code points of the text as given."""


class GazetteerTagger:
    """Tags with a gazetteer in this process. Implements Tagger."""

    def __init__(self, entries: Sequence[Entry], language: str) -> None:
        """Builds the gazetteer.

        Args:
            language: of the texts, ISO 639-1.
        """
        self.engine = gazetteer_engine(entries, language)
        self._gazetteer = Gazetteer.build(entries, language)

    def knows(self, word: str) -> bool:
        """Whether a tag may contain the word; see Gazetteer.knows."""
        return self._gazetteer.knows(word)

    def tag_all(self, texts: Sequence[str]) -> list[list[Tag]]:
        return [self._gazetteer.tag(text) for text in texts]
