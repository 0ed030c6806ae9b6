"""Words of intent that name no property of a product: "cheap", "best", "2023"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sq.v1.query_pb2 import PROBE_FORM_REPLACE
from sq.v1.report_pb2 import Suggestion
from sq_mechanisms import suggest
from sq_mechanisms.market import Asked, Market
from sq_mechanisms.mechanism import Change, Mechanism, replace_words

_YEAR = re.compile(r"(?:19[89]|20[0-4])\d")
MODIFIERS = {
    "de": """angebot angebote beste besten bester billig billige bestes günstig günstige günstiger kaufen neu neue
        neuer neues neuheit online preis preiswert rabatt sale schnell shop test testsieger top vergleich""",
    "en": """affordable best bestselling budget buy cheap cheapest clearance deal deals discount discounted good latest
        new newest offer offers online popular price prices sale shop store top trending under""",
    "es": "barata barato barata baratos comprar mejor mejores nueva nuevo oferta ofertas precio precios",
    "fr": "acheter bon marché meilleur meilleurs nouveau nouveauté pas cher prix promo promotion solde soldes",
    "it": "comprare economico economici migliore migliori nuovo offerta offerte prezzo prezzi sconto",
    "nl": "aanbieding beste goedkoop goedkope kopen korting nieuw nieuwe prijs",
}


class Modifier(Mechanism):
    """Leaves out words of intent."""

    name = "modifier"
    title = "Words of intent are searched for as if products held them"
    repair = "put them on a stop list, or sort by price or date instead"
    form = PROBE_FORM_REPLACE
    literature = "Broder 2002 (A taxonomy of web search)"
    listed = True
    needs_meaning = True

    def changes(self, asked: Asked, market: Market) -> Iterable[Change]:
        dropped = [place for place in asked.content() if self._is_modifier(asked, place, market)]
        if dropped and len(dropped) < len(asked.content()):
            words = [asked.words[place].text for place in dropped]
            text = replace_words(asked, dict.fromkeys(dropped, ""))
            yield Change(words[0], f"without {', '.join(words)}", text)

    def _is_modifier(self, asked: Asked, place: int, market: Market) -> bool:
        word = asked.words[place].text
        return not asked.in_tag(place) and (word in market.lists.modifiers or _YEAR.fullmatch(word) is not None)

    def suggestions(self, items: Sequence[str], language: str) -> list[Suggestion]:
        words = sorted(set(items))
        filters = {"sq_intent": {"type": "stop", "stopwords": words, "ignore_case": True}}
        solr = ['<filter class="solr.StopFilterFactory" words="intent.txt" ignoreCase="true"/>']
        note = "Add it to the query analyser alone; the index keeps the words."
        return [*suggest.analysis(filters, solr, note), suggest.lines("intent.txt", words)]
