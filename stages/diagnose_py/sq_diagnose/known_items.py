"""Searches for one known product by the words of one of its fields, to find out whether the field is searched."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import BAND_TAIL, PROBE_FORM_KNOWN_ITEM, Probe, Query
from sq_diagnose.fields import TITLE, field_words, fields_searched_by
from sq_diagnose.probes import probe_id
from sq_mechanisms import Asked, Market
from sq_text import stop_words

MECHANISM = "unsearched-field"
SEGMENT = "KNOWN-ITEMS"
# Fields tried besides the title.
_FIELDS = 7
# Rarest words of the field that are searched for.
_WORDS = 3
# Words of the title that may be searched for besides.
_CONTEXT = 3
_TITLE_WORDS = 6
# Products drawn for each that is wanted: not every product can be told apart by its words.
_DRAWN = 6
# As many products at most hold all the words. So a search of the field shows the product in its first ten results.
_FEW = 8
# As many at least hold the words of the title alone. So no search without the field does.
_MANY = 40


@dataclass(frozen=True)
class _Drawn:
    """A product to be found.

    Attributes:
        lot: its place in the draw.
        words: of the field.
        context: words of the title that may stand beside them.
    """

    lot: bytes
    field: str
    product_id: str
    words: tuple[str, ...]
    context: tuple[str, ...]


def known_items(
    read: Callable[[], Iterable[Product]], asked: Sequence[Asked], market: Market, count: int, seed: int
) -> list[Query]:
    """Up to `count` searches a field, each for a product drawn by the seed.

    The fields are the title and those that queries search by. A product is searched for by words exactly as the
    field holds them, which no other field of it does. Words of its title stand beside them where they are needed to
    tell the product from others.

    Args:
        read: gives the products of the catalogue; it is called three times.
    """
    fields = [TITLE, *fields_searched_by(read(), asked, _FIELDS)]
    drawn = [one for field in _draw(read(), fields, market, count, seed).values() for one in field]
    holding = _holding(read(), {word for one in drawn for word in (*one.words, *one.context)})
    found: defaultdict[str, list[Query]] = defaultdict(list)
    for one in drawn:
        text = _text(one, holding) if len(found[one.field]) < count else ""
        if text:
            found[one.field].append(_query(one, text, market.language))
    return [query for field in sorted(found) for query in found[field]]


def _draw(
    products: Iterable[Product], fields: Sequence[str], market: Market, count: int, seed: int
) -> dict[str, list[_Drawn]]:
    """The first products by lot of each field."""
    stop, held = stop_words(market.language), market.catalogue.holding
    drawn: dict[str, list[_Drawn]] = {field: [] for field in fields}
    for product in products:
        words = field_words(product)
        title = [word for word in words[TITLE].all if word not in stop][:_TITLE_WORDS]
        for field in fields:
            own = words[field].all if field == TITLE else words[field].alone if field in words else ()
            telling = sorted((word for word in own if word not in stop), key=lambda word: (held[word], word))
            if not telling:
                continue
            lot = hashlib.sha256(f"{seed}\0{field}\0{product.product_id}".encode()).digest()
            size = _TITLE_WORDS if field == TITLE else _WORDS
            context = () if field == TITLE else tuple(title)
            drawn[field].append(_Drawn(lot, field, product.product_id, tuple(telling[:size]), context))
            if len(drawn[field]) > 4 * _DRAWN * count:
                drawn[field] = _first(drawn[field], count)
    return {field: _first(of, count) for field, of in drawn.items()}


def _first(drawn: Iterable[_Drawn], count: int) -> list[_Drawn]:
    return sorted(drawn, key=lambda one: one.lot)[: _DRAWN * count]


def _holding(products: Iterable[Product], words: set[str]) -> dict[str, set[int]]:
    """Numbers of the products that hold each word in any field."""
    holding: defaultdict[str, set[int]] = defaultdict(set)
    for number, product in enumerate(products):
        for word in {word for of in field_words(product).values() for word in of.all} & words:
            holding[word].add(number)
    return holding


def _text(one: _Drawn, holding: dict[str, set[int]]) -> str:
    """Words of the field, and the fewest of the title that single the product out; empty where none do."""
    own = set.intersection(*(holding[word] for word in one.words))
    for size in range(_CONTEXT + 1):
        for context in combinations(one.context, size):
            beside = [holding[word] for word in context]
            few = len(own.intersection(*beside)) <= _FEW
            if few and (not beside or len(set.intersection(*beside)) >= _MANY):
                return " ".join((*one.words, *context))
    return ""


def _query(one: _Drawn, text: str, language: str) -> Query:
    what = Probe(
        probe_of=f"{MECHANISM}/{one.field}/{one.product_id}",
        mechanism=MECHANISM,
        item=one.field,
        change=f"known product by its {one.field}",
        form=PROBE_FORM_KNOWN_ITEM,
        expected_product_id=one.product_id,
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
