"""Tags that a translation lost, put back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sq.v1.query_pb2 import PROBE_FORM_REPLACE
from sq.v1.report_pb2 import Suggestion
from sq.v1.tag_pb2 import Tag
from sq_mechanisms import suggest
from sq_mechanisms.compound import split
from sq_mechanisms.market import Asked, Market
from sq_mechanisms.mechanism import Change, Mechanism
from sq_text import normalise


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
        parts = {part for word in asked.words for part in split(word.text, market) or ()}
        there = {(tag.type, tag.value) for tag in query.tags}
        for tag in query.intended_tags:
            word = shown(tag.value, market)
            if (tag.type, tag.value) in there or word in parts:
                continue
            text = _put_in(word, _wrong(tag, asked, market), query.text)
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


def _wrong(tag: Tag, asked: Asked, market: Market) -> tuple[int, int]:
    """Where the translation has something else for a tag: (start, end) in the text; (0, 0) where it left it out.

    That is another value of the tag's type, else the untranslated words, else a word that no product holds.
    """
    for other in asked.query.tags:
        if other.type == tag.type:
            return other.start, other.end
    for word in asked.words:
        if word.text == normalise(tag.surface):
            return word.start, word.end
    for place in asked.content():
        if not asked.in_tag(place) and not market.catalogue.knows(asked.words[place].text):
            return asked.words[place].start, asked.words[place].end
    return 0, 0


def _put_in(word: str, place: tuple[int, int], text: str) -> str:
    """The text with a word at a place, instead of what stands there."""
    start, end = place
    return " ".join(f"{text[:start]} {word} {text[end:]}".split())
