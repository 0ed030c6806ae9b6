"""How many of a query's words a product must hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sq.v1.query_pb2 import PROBE_FORM_REPLACE, RequestOverride
from sq.v1.report_pb2 import Suggestion
from sq_mechanisms import suggest
from sq_mechanisms.catalogue_words import texts
from sq_mechanisms.market import Asked, Market
from sq_mechanisms.mechanism import Change, Mechanism, replace_words
from sq_mechanisms.stems import stem
from sq_text import normalise, tokenise

ALL = "require all words"
RELAX = "let one word be missing"
_DEPTH = 10


class Operator(Mechanism):
    """Requires every word where results lack some; leaves out the least telling word where there are few results."""

    name = "operator"
    title = "The number of words that must match is wrong"
    repair = "change minimum_should_match (Solr: mm), or the default operator"
    form = PROBE_FORM_REPLACE
    literature = "Lucene's minimum-should-match; Kumaran and Carvalho 2009 (Reducing long queries)"
    listed = True

    def changes(self, asked: Asked, market: Market) -> Iterable[Change]:
        places = asked.content()
        if len(places) < 2:
            return
        if asked.total_hits >= _DEPTH and _lacking(asked, places, market.language):
            override = RequestOverride(minimum_should_match="100%")
            yield Change(ALL, ALL, asked.text, request=override)
        elif asked.total_hits < _DEPTH:
            least = _least_telling(asked, places, market)
            if least is not None:
                yield Change(RELAX, f"without {asked.words[least].text}", replace_words(asked, {least: ""}))

    def suggestions(self, items: Sequence[str], language: str) -> list[Suggestion]:
        minimum = "100%" if ALL in items else "-1"
        return suggest.request(
            {"multi_match": {"query": "{{query}}", "minimum_should_match": minimum}}, f"mm={minimum}"
        )


def _least_telling(asked: Asked, places: Sequence[int], market: Market) -> int | None:
    """The first word that no product holds, else the word that most products hold.

    Brand and category say what is wanted and stay; None where the query has nothing else.
    """
    held = market.catalogue.holding
    unknown = [place for place in places if not market.catalogue.knows(asked.words[place].text)]
    others = [place for place in places if not asked.in_tag(place, "BRAND", "CATEGORY")]
    if unknown:
        return unknown[0]
    return max(others, key=lambda place: (held[asked.words[place].text], -place), default=None)


def _lacking(asked: Asked, places: Sequence[int], language: str) -> bool:
    """Whether one of the first results lacks a word of the query, in every form of it."""
    wanted = {stem(asked.words[place].text, language) for place in places}
    return any(not wanted <= _stems(product, language) for product in asked.results[:_DEPTH])


def _stems(product, language: str) -> set[str]:
    return {stem(token.text, language) for text in texts(product) for token in tokenise(normalise(text))}
