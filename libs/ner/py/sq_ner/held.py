"""The gazetteers a server holds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from sq.v1.ner_config_pb2 import NerMarket
from sq.v1.product_pb2 import Product
from sq.v1.source_pb2 import Catalogue
from sq_ner.entries import market_entries
from sq_ner.tagger import GazetteerTagger
from sq_source import read_catalogue
from sq_text import raw_values

# Products between two looks at whether to stop.
_PAUSE = 1000
Values = list[tuple[str, str]]


class NoGazetteer(LookupError):
    """Nothing held answers to what was asked for."""


class HeldGazetteers:
    """Immutable once built; may be shared by threads. Markets with equal gazetteers share one."""

    def __init__(self, taggers: Iterable[GazetteerTagger]) -> None:
        self._by_digest = {tagger.engine.gazetteer_digest: tagger for tagger in taggers}

    def find(self, language: str, digest: str) -> GazetteerTagger:
        """The gazetteer of this digest, or the only one of a language where none is named.

        Raises:
            NoGazetteer: there is none, or no language's only one.
        """
        fit = [tagger for tagger in self._by_digest.values() if tagger.engine.language == language]
        held = ", ".join(tagger.engine.gazetteer_digest for tagger in fit) or "none"
        if not digest:
            if len(fit) == 1:
                return fit[0]
            raise NoGazetteer(f"name a gazetteer_digest: of gazetteers for {language!r} there are {held}")
        tagger = self._by_digest.get(digest)
        if tagger is None or tagger.engine.language != language:
            raise NoGazetteer(f"the gazetteer {digest} for {language!r} is not held here; there are {held}")
        return tagger


def load_markets(
    markets: Iterable[NerMarket], log: logging.Logger, check_stop: Callable[[], None] = lambda: None
) -> HeldGazetteers:
    """Reads the markets' catalogues, each once.

    Raises:
        InputError: a catalogue or a list of entries is not right.
        TryAgainError: a store does not answer.
    """
    read: dict[bytes, Values] = {}
    taggers: dict[str, GazetteerTagger] = {}

    def values(catalogue: Catalogue, field: str) -> Values:
        key = catalogue.SerializeToString(deterministic=True)
        if key not in read:
            read[key] = stated(read_catalogue(catalogue, field), check_stop)
        return read[key]

    for number, market in enumerate(markets):
        target = values(market.catalogue, f"markets[{number}].catalogue")
        has_source = market.HasField("source_catalogue")
        source = values(market.source_catalogue, f"markets[{number}].source_catalogue") if has_source else target
        for language, found in ((market.source_language, source), (market.target_language, target)):
            tagger = GazetteerTagger(market_entries(found, market.gazetteer_uri, language), language)
            digest = tagger.engine.gazetteer_digest
            taggers.setdefault(digest, tagger)
            log.info("gazetteer", extra={"market": market.market, "language": language, "gazetteer": digest})
    return HeldGazetteers(taggers.values())


def stated(products: Iterable[Product], check_stop: Callable[[], None] = lambda: None) -> Values:
    """Every (tag type, value as written) of the products. Of products with one id the first counts."""
    seen: set[str] = set()
    found: set[tuple[str, str]] = set()
    for number, product in enumerate(products):
        if number % _PAUSE == 0:
            check_stop()
        if product.product_id not in seen:
            seen.add(product.product_id)
            found.update(raw_values(product))
    return sorted(found)
