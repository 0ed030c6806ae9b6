"""Tags that a translation lost, put back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sq.v1.query_pb2 import PROBE_FORM_REPLACE
from sq.v1.report_pb2 import Suggestion
from sq.v1.tag_pb2 import Tag
from sq_mechanisms import suggest
from sq_mechanisms.market import Asked, Market
from sq_mechanisms.mechanism import Change, Mechanism


class Translation(Mechanism):
    """Adds the market's word for a tag that the source query has and the translation has not."""

    name = "translation"
    title = "The translation loses what the customer named"
    repair = "add glossary lines"
    form = PROBE_FORM_REPLACE
    literature = "None: the tag is put back as it was meant"
    listed = True

    def changes(self, asked: Asked, market: Market) -> Iterable[Change]:
        query = asked.query
        if not query.translated:
            return
        there = {(tag.type, tag.value) for tag in query.tags}
        for tag in query.intended_tags:
            if (tag.type, tag.value) in there:
                continue
            wrong = [other for other in query.tags if other.type == tag.type]
            word = shown(tag.value, market)
            text = _put_in(word, wrong[0], query.text) if wrong else f"{word} {query.text}"
            yield Change(f"{tag.surface} → {word}", f"{tag.surface} → {word}", text)
            return

    def suggestions(self, items: Sequence[str], language: str) -> list[Suggestion]:
        return [suggest.lines("glossary.csv: source,target", [item.replace(" → ", ",") for item in items])]


def shown(value: str, market: Market) -> str:
    """A canonical value in words that people write: each lemma in its most frequent form of the catalogue."""
    return " ".join(_form(word, market) for word in value.split())


def _form(word: str, market: Market) -> str:
    if market.catalogue.holding[word]:
        return word
    others = market.catalogue.other_forms(word)
    return others[0] if others else word


def _put_in(word: str, tag: Tag, text: str) -> str:
    """The text with a word in place of what the tag covers."""
    return text[: tag.start] + word + text[tag.end :]
