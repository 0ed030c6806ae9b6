"""Assigns a query, as it was typed, to its segment or to junk. Pure: every engine applies it to distinct spellings."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from sq.v1.tag_pb2 import Tag
from sq_generate.junk import UNLESS_KNOWN, UNLESS_TAGGED, junk_reason, words_of
from sq_generate.segments import segment_id
from sq_ner.tagger import Tagger
from sq_text import query_form


@dataclass(frozen=True, slots=True)
class Classified:
    """A query's normal form, with its segment, or with the reason why it is junk. The other one is ""."""

    text: str
    junk: str
    segment_id: str


@dataclass(frozen=True)
class Classifier:
    """Attributes:
    keep_all: only an empty query is junk, because a person listed each.
    words: of the catalogue, as they are written between spaces. A query of such words alone is not junk.
    """

    tagger: Tagger
    value_tag_types: Sequence[str]
    keep_all: bool = False
    words: Set[str] = frozenset()

    def __call__(self, spellings: Sequence[str]) -> list[Classified]:
        """One result for each spelling, in order."""
        texts = [query_form(spelling) for spelling in spellings]
        reasons = [self._reason(text) for text in texts]
        # Certain junk is not sent to the tagger, which may be a service.
        certain = [self._is_certain(text, reason) for text, reason in zip(texts, reasons, strict=True)]
        tags = iter(self.tagger.tag_all([text for text, junk in zip(texts, certain, strict=True) if not junk]))
        return [
            Classified(text, reason, "") if junk else self._search(text, reason, next(tags))
            for text, reason, junk in zip(texts, reasons, certain, strict=True)
        ]

    def _reason(self, text: str) -> str:
        reason = junk_reason(text)
        known = reason in UNLESS_KNOWN and all(word in self.words for word in words_of(text))
        return "" if known else reason

    def _is_certain(self, text: str, reason: str) -> bool:
        return bool(reason) and reason not in UNLESS_TAGGED and (not self.keep_all or not text)

    def _search(self, text: str, reason: str, tags: Sequence[Tag]) -> Classified:
        if reason and not tags and not self.keep_all:
            return Classified(text, reason, "")
        return Classified(text, "", segment_id(tags, self.value_tag_types))
