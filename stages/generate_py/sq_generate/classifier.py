"""What becomes of one query as it was typed. Pure: every engine applies it to distinct spellings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sq.v1.tag_pb2 import Tag
from sq_generate.junk import DOUBTFUL, junk_reason
from sq_generate.segments import segment_id
from sq_ner.tagger import Tagger
from sq_text import normalise


@dataclass(frozen=True, slots=True)
class Classified:
    """A query's normal form, and its segment or, where it is no search, why (`junk`, else "")."""

    text: str
    junk: str
    segment_id: str


@dataclass(frozen=True)
class Classifier:
    """Attributes:
    keep_all: nothing but an empty query is junk: a person asked for each.
    """

    tagger: Tagger
    value_tag_types: Sequence[str]
    keep_all: bool = False

    def __call__(self, spellings: Sequence[str]) -> list[Classified]:
        """One for each spelling, in order."""
        texts = [normalise(spelling) for spelling in spellings]
        reasons = [junk_reason(text) for text in texts]
        # A tagger may be a service: junk need not travel.
        doubtless = [self._is_junk(text, reason) for text, reason in zip(texts, reasons, strict=True)]
        tags = iter(self.tagger.tag_all([text for text, junk in zip(texts, doubtless, strict=True) if not junk]))
        return [
            Classified(text, reason, "") if junk else self._search(text, reason, next(tags))
            for text, reason, junk in zip(texts, reasons, doubtless, strict=True)
        ]

    def _is_junk(self, text: str, reason: str) -> bool:
        return bool(reason) and reason not in DOUBTFUL and (not self.keep_all or not text)

    def _search(self, text: str, reason: str, tags: Sequence[Tag]) -> Classified:
        if reason and not tags and not self.keep_all:
            return Classified(text, reason, "")
        return Classified(text, "", segment_id(tags, self.value_tag_types))
