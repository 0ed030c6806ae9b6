"""Builds the gazetteers of a server's markets."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from sq.v1.ner_config_pb2 import NerMarket
from sq.v1.product_pb2 import Product
from sq.v1.source_pb2 import Catalogue
from sq_ner.entries import market_entries
from sq_ner.gazetteers import Gazetteers
from sq_ner.tagger import GazetteerTagger
from sq_source import read_catalogue
from sq_text import raw_values

# Products between two checks whether to stop.
_PRODUCTS_PER_CHECK = 1000
# (tag type, value as written)
Values = list[tuple[str, str]]


def load_markets(
    markets: Iterable[NerMarket], log: logging.Logger, check_stop: Callable[[], None] = lambda: None
) -> Gazetteers:
    """Reads the markets' catalogues, each once, and builds a gazetteer for each language of each market.

    Args:
        check_stop: called while catalogues are read; raises to stop.

    Raises:
        InputError: a catalogue or a file of entries is invalid.
        TryAgainError: a store is unavailable.
    """
    read: dict[bytes, Values] = {}
    taggers: dict[str, GazetteerTagger] = {}

    def values(catalogue: Catalogue, field: str) -> Values:
        key = catalogue.SerializeToString(deterministic=True)
        if key not in read:
            read[key] = catalogue_values(read_catalogue(catalogue, field), check_stop)
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
    return Gazetteers(taggers.values())


def catalogue_values(products: Iterable[Product], check_stop: Callable[[], None] = lambda: None) -> Values:
    """Every (tag type, value as written) of the products, sorted. Of products with the same ID the first counts."""
    seen: set[str] = set()
    found: set[tuple[str, str]] = set()
    for number, product in enumerate(products):
        if number % _PRODUCTS_PER_CHECK == 0:
            check_stop()
        if product.product_id not in seen:
            seen.add(product.product_id)
            found.update(raw_values(product))
    return sorted(found)
