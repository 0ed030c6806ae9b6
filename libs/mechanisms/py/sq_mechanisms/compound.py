"""Compounds: "notebooktasche" for "notebook tasche", and the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sq.v1.query_pb2 import PROBE_FORM_BLEND
from sq.v1.report_pb2 import Suggestion
from sq_mechanisms import suggest
from sq_mechanisms.market import Asked, Market
from sq_mechanisms.mechanism import Change, Mechanism, replace_words

# Languages that write compounds as one word.
LANGUAGES = frozenset({"de", "nl", "sv", "da", "no", "fi", "hu"})
_SHORTEST = 4
# Letters of a compound at most: what is longer is no word, and stemming each ending of it would take minutes.
_LONGEST = 60
_FEWEST = 2
# Letters that join the parts of a compound.
_JOINTS = {
    "de": ("", "s", "n", "es", "en", "er"),
    "nl": ("", "s", "en"),
    "sv": ("", "s"),
    "da": ("", "s"),
    "no": ("", "s"),
}


class Compound(Mechanism):
    """Parts a compound into two words of the catalogue, or joins two words into a compound that it holds."""

    name = "compound"
    title = "Compounds and their parts are different words"
    repair = "add a decompounder with the catalogue's words"
    form = PROBE_FORM_BLEND
    literature = (
        "Braschler and Ripplinger 2004 (How effective is stemming and decompounding for German text retrieval?)"
    )

    def changes(self, asked: Asked, market: Market) -> Iterable[Change]:
        if market.language not in LANGUAGES:
            return
        for place in asked.content():
            word = asked.words[place].text
            if parts := split(word, market):
                new = " ".join(parts)
                yield Change(f"{word} → {new}", f"{word} → {new}", replace_words(asked, {place: new}))
                return
        for first, second in zip(asked.content(), asked.content()[1:], strict=False):
            if second == first + 1 and (joined := _join(asked, first, market)):
                old = f"{asked.words[first].text} {asked.words[second].text}"
                yield Change(
                    f"{old} → {joined}", f"{old} → {joined}", replace_words(asked, {first: joined, second: ""})
                )
                return

    def suggestions(self, items: Sequence[str], language: str) -> list[Suggestion]:
        words = sorted({part for item in items for side in item.split(" → ") if " " in side for part in side.split()})
        filters = {
            "sq_decompounder": {
                "type": "dictionary_decompounder",
                "word_list": words,
                "min_subword_size": _SHORTEST,
                "only_longest_match": True,
            }
        }
        solr = [
            '<filter class="solr.DictionaryCompoundWordTokenFilterFactory" dictionary="compound-words.txt"',
            f'        minSubwordSize="{_SHORTEST}" onlyLongestMatch="true"/>',
        ]
        note = "Add it to the index analyser of the searched fields, behind lowercase; then reindex."
        parted = [item for item in items if " " in item.split(" → ")[-1]]
        # In a query analyser a decompounder makes alternatives of the parts, so that one of them is enough.
        return [
            *suggest.analysis(filters, solr, note),
            suggest.lines("compound-words.txt", words),
            suggest.synonyms(parted, both_ways=False, where="for the query analyser, which has to require all parts"),
        ]


def split(word: str, market: Market) -> tuple[str, str] | None:
    """The two words of the catalogue that a compound is made of, those in most products first; None for no compound.

    The last part keeps its ending, as in "Lederröcke", where the catalogue may have "Rock" alone: a probe changes one
    thing.
    """
    catalogue = market.catalogue
    found = []
    if len(word) > _LONGEST:
        return None
    for cut in range(_SHORTEST, len(word) - _SHORTEST + 1):
        tail = word[cut:]
        held = max(catalogue.holding[form] for form in (tail, *catalogue.other_forms(tail)[:1]))
        if held < _FEWEST:
            continue
        for head in _heads(word[:cut], market.language):
            if len(head) >= _SHORTEST and catalogue.holding[head] >= _FEWEST:
                found.append((min(catalogue.holding[head], held), head, tail))
    return max(found)[1:] if found else None


def _heads(first: str, language: str) -> Iterator[str]:
    """Words that may stand as the first part: without the letters that join, or with the "e" that it drops."""
    yield from (first.removesuffix(joint) for joint in _JOINTS.get(language, ("",)) if first.endswith(joint))
    if language == "de":
        yield first + "e"  # "Wolle" in "Wollmantel"


def _join(asked: Asked, first: int, market: Market) -> str:
    head, tail = asked.words[first].text, asked.words[first + 1].text
    joined = [head + joint + tail for joint in _JOINTS.get(market.language, ("",))]
    best = max(joined, key=lambda word: market.catalogue.holding[word])
    return best if market.catalogue.holding[best] >= _FEWEST else ""
