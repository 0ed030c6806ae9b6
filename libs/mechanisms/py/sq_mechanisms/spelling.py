"""Words that no product holds and that look like one that many hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jellyfish import damerau_levenshtein_distance

from sq.v1.query_pb2 import PROBE_FORM_RESCUE
from sq.v1.report_pb2 import Suggestion
from sq_mechanisms import suggest
from sq_mechanisms.market import Asked, Market
from sq_mechanisms.mechanism import Change, Mechanism, replace_words
from sq_mechanisms.stems import ENDINGS

# Letters from which on one, and two, typing errors are believed.
_ONE_ERROR = 4
_TWO_ERRORS = 8
# Products that must hold the word that was meant.
_FEWEST = 2


class Spelling(Mechanism):
    """Writes the nearest frequent word for a word that no product holds: "dress" for "dresess" too."""

    name = "spelling"
    title = "Typing errors find nothing"
    repair = "add spell checking, or a list of aliases"
    form = PROBE_FORM_RESCUE
    literature = "Damerau 1964; Brill and Moore 2000 (An improved error model for noisy channel spelling correction)"
    needs_meaning = True

    def changes(self, asked: Asked, market: Market) -> Iterable[Change]:
        new = {place: meant for place in asked.content() if (meant := corrected(asked.words[place].text, market))}
        if new:
            pairs = [f"{asked.words[place].text} → {word}" for place, word in new.items()]
            yield Change(pairs[0], ", ".join(pairs), replace_words(asked, new))

    def suggestions(self, items: Sequence[str], language: str) -> list[Suggestion]:
        term = {"field": "<your title field>", "suggest_mode": "missing", "prefix_length": 1}
        body = {"suggest": {"text": "{{query}}", "sq_spelling": {"term": term}}}
        # Fuzzy matching of every query would also find "ram" for "rom". The probe rescued queries without results.
        return [
            *suggest.request(
                body,
                "spellcheck=true&spellcheck.collate=true&spellcheck.maxCollationTries=5",
                note="Send it beside the query. Where few products are found, search again with the suggested words.",
            ),
            suggest.synonyms(items, both_ways=False),
        ]


def corrected(word: str, market: Market) -> str:
    """The word of the catalogue that was meant; empty where the word is known, short, a number, or like none.

    Words of intent and words of the site's lists are known: "best" is no "belt".
    """
    lists = market.lists
    listed = word in lists.modifiers or word in lists.synonyms or word in lists.dictionary
    if len(word) < _ONE_ERROR or not word.isalpha() or listed or market.catalogue.knows(word):
        return ""
    errors = 2 if len(word) >= _TWO_ERRORS else 1
    held = market.catalogue.holding
    near = [
        (distance, form != other, -held[other], other)
        for form, other in market.catalogue.words_like(word, errors, ENDINGS.get(market.language, ()))
        if held[other] >= _FEWEST and (distance := damerau_levenshtein_distance(word, form)) <= errors
    ]
    return min(near)[-1] if near else ""
