"""Customers' words for what the catalogue calls otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sq.v1.query_pb2 import PROBE_FORM_BLEND, PROBE_FORM_RESCUE
from sq.v1.report_pb2 import Suggestion
from sq_mechanisms import suggest
from sq_mechanisms.market import Asked, Market
from sq_mechanisms.mechanism import Change, Mechanism, replace_words

# Words that one entry of a list may have.
_LONGEST = 4


class Vocabulary(Mechanism):
    """Writes a synonym of a given list."""

    name = "vocabulary"
    title = "Customers use other words than the catalogue"
    repair = "add synonyms"
    form = PROBE_FORM_BLEND
    literature = "Furnas et al. 1987 (The vocabulary problem in human-system communication)"
    listed = True
    needs_meaning = True
    more_hits = 2

    def changes(self, asked: Asked, market: Market) -> Iterable[Change]:
        yield from from_list(asked, market.lists.synonyms, market)

    def suggestions(self, items: Sequence[str], language: str) -> list[Suggestion]:
        return [suggest.synonyms(items)]


class Language(Mechanism):
    """Translates a foreign word that no product holds by a given dictionary."""

    name = "language"
    title = "Words of another language find nothing"
    repair = "add synonyms in the market's language"
    form = PROBE_FORM_RESCUE
    literature = "Nie 2010 (Cross-language information retrieval)"
    listed = True
    needs_meaning = True

    def changes(self, asked: Asked, market: Market) -> Iterable[Change]:
        yield from from_list(asked, market.lists.dictionary, market, unknown_only=True)

    def suggestions(self, items: Sequence[str], language: str) -> list[Suggestion]:
        return [suggest.synonyms(items, both_ways=False)]


def from_list(
    asked: Asked, entries: Mapping[str, Sequence[str]], market: Market, unknown_only: bool = False
) -> Iterable[Change]:
    """A change for each alternative of the longest phrase of the query that a list has.

    Args:
        unknown_only: only phrases of which some word is in no product.
    """
    for count in range(min(_LONGEST, len(asked.words)), 0, -1):
        for first in range(len(asked.words) - count + 1):
            words = [word.text for word in asked.words[first : first + count]]
            phrase = " ".join(words)
            if phrase not in entries or (unknown_only and all(market.catalogue.knows(word) for word in words)):
                continue
            for rule, other in enumerate(entries[phrase]):
                new = {first: other} | dict.fromkeys(range(first + 1, first + count), "")
                yield Change(phrase, f"{phrase} → {other}", replace_words(asked, new), rule)
            return
