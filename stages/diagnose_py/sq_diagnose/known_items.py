"""Searches for one known product by the words of one of its fields, to find out whether the field is searched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import BAND_TAIL, PROBE_FORM_KNOWN_ITEM, Probe, Query
from sq_diagnose.probes import probe_id
from sq_mechanisms import Market
from sq_text import normalise, stop_words, tokenise

MECHANISM = "unsearched-field"
SEGMENT = "KNOWN-ITEMS"
BRAND = "brand"
# Results among which the product has to be.
_DEPTH = 10
# Rarest words of the field that are searched for, beside the brand.
_WORDS = 3
# A word in more products than this share of them, and than this number, names none of them.
_COMMON = 0.02
_FEW = 3


def known_items(products: Iterable[Product], market: Market, count: int, seed: int) -> list[Query]:
    """`count` searches a field, each for a product drawn by the seed.

    A field is the title, the description, or an attribute. The product has to be found by the rarest words of its
    field that its title does not hold as well, and its brand. The brand's own field is searched by the brand alone, for
    brands of which all products fit into the results that are looked at.
    """
    drawn: dict[str, list[tuple[bytes, Query]]] = {}
    brands: dict[str, Product] = {}
    for product in products:
        if product.brand:
            brands.setdefault(normalise(product.brand), product)
        for field, text in _fields(product):
            words = _rarest(text, product, field, market)
            if words:
                query = _query(product, field, words, market.language)
                held = drawn.setdefault(field, [])
                held.append((_lot(product, field, seed), query))
                if len(held) > 4 * count:
                    drawn[field] = sorted(held, key=lambda pair: pair[0])[:count]
    rare = [(brand, product) for brand, product in brands.items() if _is_rare(brand, market)]
    if rare:
        drawn[BRAND] = [(_lot(of, BRAND, seed), _query(of, BRAND, [], market.language)) for _, of in rare]
    return [query for field in sorted(drawn) for _, query in sorted(drawn[field], key=lambda pair: pair[0])[:count]]


def _lot(product: Product, field: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}\0{field}\0{product.product_id}".encode()).digest()


def _is_rare(brand: str, market: Market) -> bool:
    """Whether so few products hold a brand, in any field, that a search for it has to find each of them."""
    held = [market.catalogue.holding[token.text] for token in tokenise(brand)]
    return bool(held) and 0 < min(held) <= _DEPTH


def _fields(product: Product) -> Iterator[tuple[str, str]]:
    yield "title", product.title
    yield "description", product.description
    for attribute in product.attributes:
        yield attribute.name, " ".join(attribute.values)


def _rarest(text: str, product: Product, field: str, market: Market) -> list[str]:
    elsewhere = set() if field == "title" else {token.text for token in tokenise(normalise(product.title))}
    stop = stop_words(market.language)
    holding = market.catalogue.holding
    words = {token.text for token in tokenise(normalise(text))} - elsewhere - stop
    most = max(_FEW, _COMMON * market.catalogue.products)
    telling = [word for word in words if 0 < holding[word] <= most]
    return sorted(telling, key=lambda word: (holding[word], word))[:_WORDS] if len(telling) >= 2 else []


def _query(product: Product, field: str, words: list[str], language: str) -> Query:
    text = " ".join([*([normalise(product.brand)] if product.brand else []), *words])
    what = Probe(
        probe_of=f"{MECHANISM}/{field}/{product.product_id}",
        mechanism=MECHANISM,
        item=field,
        change=f"known product by its {field}",
        form=PROBE_FORM_KNOWN_ITEM,
        expected_product_id=product.product_id,
    )
    return Query(
        query_id=probe_id(text, what),
        segment_id=SEGMENT,
        source_text=text,
        source_language=language,
        text=text,
        language=language,
        band=BAND_TAIL,
        probe=what,
    )
