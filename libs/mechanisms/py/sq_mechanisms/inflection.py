"""Singular and plural, and case forms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sq.v1.query_pb2 import PROBE_FORM_BLEND
from sq.v1.report_pb2 import Suggestion
from sq_mechanisms import suggest
from sq_mechanisms.market import Asked, Market
from sq_mechanisms.mechanism import Change, Mechanism, replace_words
from sq_mechanisms.stems import same_word

# A form that few products hold, beside those that hold the word as typed, is an accident.
_SMALLEST_SHARE = 0.05
_FEWEST = 2
# Lucene's light stemmers by language: OpenSearch's name, Solr's factory.
_STEMMERS = {
    "de": ("light_german", '<filter class="solr.GermanLightStemFilterFactory"/>'),
    "en": ("light_english", '<filter class="solr.KStemFilterFactory"/>'),
    "es": ("light_spanish", '<filter class="solr.SpanishLightStemFilterFactory"/>'),
    "fr": ("light_french", '<filter class="solr.FrenchLightStemFilterFactory"/>'),
    "it": ("light_italian", '<filter class="solr.ItalianLightStemFilterFactory"/>'),
    "nl": ("dutch", '<filter class="solr.SnowballPorterFilterFactory" language="Dutch"/>'),
    "pt": ("light_portuguese", '<filter class="solr.PortugueseLightStemFilterFactory"/>'),
    "sv": ("light_swedish", '<filter class="solr.SwedishLightStemFilterFactory"/>'),
}


class Inflection(Mechanism):
    """Writes words in the catalogue's most frequent form: in English, singular or plural.

    A stemmer finds all forms at once, and a query can name only one of each word. So a word that is in its most
    frequent form already stays: "graphics cards" becomes "graphics card". Where all are, the one changes whose other
    form is in most products.
    """

    name = "inflection"
    title = "Singular and plural are different words"
    repair = "stem words in the analyser"
    form = PROBE_FORM_BLEND
    literature = (
        "Krovetz 1993 (Viewing morphology as an inference process); Peng et al. 2007 (Context sensitive stemming)"
    )

    def changes(self, asked: Asked, market: Market) -> Iterable[Change]:
        holding = market.catalogue.holding
        others = {place: other for place in asked.content() if (other := _other(asked.words[place].text, market))}
        new = {place: other for place, other in others.items() if holding[other] > holding[asked.words[place].text]}
        if others and not new:
            place = max(others, key=lambda place: holding[others[place]])
            new = {place: others[place]}
        if new:
            pairs = [f"{asked.words[place].text} → {word}" for place, word in new.items()]
            yield Change(pairs[0], ", ".join(pairs), replace_words(asked, new))

    def suggestions(self, items: Sequence[str], language: str) -> list[Suggestion]:
        opensearch, solr = _STEMMERS.get(language, (language, '<filter class="solr.SnowballPorterFilterFactory"/>'))
        note = "Add it to the analyser of the searched fields, for index and query, behind lowercase; then reindex."
        return [
            *suggest.analysis({"sq_stemmer": {"type": "stemmer", "language": opensearch}}, [solr], note),
            suggest.synonyms(items),
        ]


def _other(word: str, market: Market) -> str:
    others = [other for other in market.catalogue.other_forms(word) if same_word(word, other, market.language)]
    enough = max(_FEWEST, _SMALLEST_SHARE * market.catalogue.holding[word])
    return others[0] if others and market.catalogue.holding[others[0]] >= enough else ""
