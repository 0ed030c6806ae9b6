"""Searches for one known product by the words of one of its fields, to find out whether the field is searched."""

from __future__ import annotations

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import BAND_TAIL, PROBE_FORM_KNOWN_ITEM, Probe, Query
from sq_diagnose.fields import FieldCounts, searched_by
from sq_diagnose.probes import probe_id
from sq_evidence import BY_WHOLE_WORDS, TITLE, FieldWords, field_words, whole_words
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
class _Way:
    """Words of a field, and Probe.rule of a search by them."""

    rule: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Drawn:
    """A product to be found.

    Attributes:
        lot: its place in the draw.
        ways: the first that tells the product from others is searched for.
        context: words of the title that may stand beside them.
    """

    lot: bytes
    field: str
    product_id: str
    ways: tuple[_Way, ...]
    context: tuple[str, ...]


def known_items(
    products: Iterable[Product], asked: Sequence[Asked], market: Market, count: int, seed: int
) -> list[Query]:
    """Up to `count` searches a field, each for a product drawn by the seed.

    The fields are the title and those that queries search by. A product is searched for by words exactly as the
    field holds them, which no other field of it does; of a title, by whole words of letters where these tell it from
    others. Words of the title stand beside them where they are needed for that. A search's traffic_share is that of
    the queries that search by its field.

    Args:
        products: of the catalogue, read once.
    """
    counts, draw, holding = FieldCounts(asked), _Draw(market, count, seed), defaultdict(lambda: array("I"))
    for number, product in enumerate(products):
        words = field_words(product)
        counts.add(words)
        draw.add(product, words)
        for word in {word for of in words.values() for word in of.all}:
            holding[word].append(number)
    shares = counts.traffic()
    made = []
    for field in sorted((TITLE, *searched_by(shares, _FIELDS))):
        told = ((one, *_told_apart(one, holding)) for one in draw.first(field))
        searches = ((one, way, text) for one, way, text in told if way is not None)
        if field == TITLE:
            # Those that say something about the index come first.
            searches = iter(sorted(searches, key=lambda found: -found[1].rule))
        made += [
            _query(one, way, text, market.language, shares.get(field, 0.0))
            for one, way, text in islice(searches, count)
        ]
    return made


class _Draw:
    """The first products by lot of every field."""

    def __init__(self, market: Market, count: int, seed: int) -> None:
        self._stop, self._held = stop_words(market.language), market.catalogue.holding
        self._most, self._seed = _DRAWN * count, seed
        self._drawn: defaultdict[str, list[_Drawn]] = defaultdict(list)

    def add(self, product: Product, words: Mapping[str, FieldWords]) -> None:
        """Puts a product into the draw of each field that has words to search for it by."""
        title = [word for word in words[TITLE].all if word not in self._stop][:_TITLE_WORDS]
        # Analysers rewrite numbers and part names at their marks, so these say little about the index.
        whole = _Way(BY_WHOLE_WORDS, tuple(self._telling(whole_words(product.title))[:_TITLE_WORDS]))
        for field, of in words.items():
            size = _TITLE_WORDS if field == TITLE else _WORDS
            telling = _Way(0, tuple(self._telling(of.all if field == TITLE else of.alone)[:size]))
            ways = tuple(way for way in ((whole, telling) if field == TITLE else (telling,)) if way.words)
            if not ways:
                continue
            lot = hashlib.sha256(f"{self._seed}\0{field}\0{product.product_id}".encode()).digest()
            context = () if field == TITLE else tuple(title)
            self._drawn[field].append(_Drawn(lot, field, product.product_id, ways, context))
            if len(self._drawn[field]) > 4 * self._most:
                self._drawn[field] = self.first(field)

    def _telling(self, words: Iterable[str]) -> list[str]:
        """The rarest words first."""
        return sorted((word for word in words if word not in self._stop), key=lambda word: (self._held[word], word))

    def first(self, field: str) -> list[_Drawn]:
        """The products of a field that are drawn."""
        return sorted(self._drawn[field], key=lambda one: one.lot)[: self._most]


def _told_apart(one: _Drawn, holding: Mapping[str, Sequence[int]]) -> tuple[_Way | None, str]:
    """The first way that tells the product from others, and the text to search for; None where none does."""
    for way in one.ways:
        text = _text(way.words, one.context, holding)
        if text:
            return way, text
    return None, ""


def _text(words: Sequence[str], title: Sequence[str], holding: Mapping[str, Sequence[int]]) -> str:
    """Words of the field, and the fewest of the title that single the product out; empty where none do.

    Args:
        holding: numbers of the products that hold each word in any field.
    """
    own = set.intersection(*(set(holding[word]) for word in words))
    for size in range(_CONTEXT + 1):
        for context in combinations(title, size):
            beside = [set(holding[word]) for word in context]
            few = len(own.intersection(*beside)) <= _FEW
            if few and (not beside or len(set.intersection(*beside)) >= _MANY):
                return " ".join((*words, *context))
    return ""


def _query(one: _Drawn, way: _Way, text: str, language: str, traffic_share: float) -> Query:
    what = Probe(
        probe_of=f"{MECHANISM}/{one.field}/{one.product_id}",
        mechanism=MECHANISM,
        item=one.field,
        rule=way.rule,
        change=f"known product by its {one.field}",
        form=PROBE_FORM_KNOWN_ITEM,
        expected_product_id=one.product_id,
        field_words=way.words,
    )
    return Query(
        query_id=probe_id(text, what),
        segment_id=SEGMENT,
        source_text=text,
        source_language=language,
        text=text,
        language=language,
        band=BAND_TAIL,
        traffic_share=round(traffic_share, 9),
        probe=what,
    )
