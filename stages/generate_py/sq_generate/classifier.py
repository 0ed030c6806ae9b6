"""What becomes of one query as it was typed. Pure: every engine applies it to distinct spellings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sq_generate.junk import DOUBTFUL, junk_reason
from sq_generate.segments import segment_id
from sq_text import Gazetteer, normalise


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

    gazetteer: Gazetteer
    value_tag_types: Sequence[str]
    keep_all: bool = False

    def __call__(self, spelling: str) -> Classified:
        text = normalise(spelling)
        reason = junk_reason(text)
        if reason and reason not in DOUBTFUL and (not self.keep_all or not text):
            return Classified(text, reason, "")
        tags = self.gazetteer.tag(text)
        if reason and not tags and not self.keep_all:
            return Classified(text, reason, "")
        return Classified(text, "", segment_id(tags, self.value_tag_types))
