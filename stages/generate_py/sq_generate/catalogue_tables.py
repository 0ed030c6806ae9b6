"""The catalogues of a market in database tables: which product states which values and holds which words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial, reduce

import numpy
import pyarrow

from sq.v1.product_pb2 import Product
from sq_generate.spelling_counter import open_database
from sq_text import canonical, raw_values, terms

_BATCH = 5_000
# Values, and words, whose products are kept in memory, at 8 bytes a product.
_CACHED_POSTINGS = 512
# The side whose products are looked up by their words.
_SEARCHED = "market"


@dataclass(frozen=True, slots=True)
class StatedValue:
    """A value of products: in its canonical form, and as they write it (`raw`)."""

    tag_type: str
    value: str
    raw: str


@dataclass(frozen=True, slots=True)
class ValuePair:
    """How often a source value and a market value of one tag type occur in the same product.

    Of the products in both catalogues, `both` counts those with both values, `source` those with the source value and
    `market` those with the market value.
    """

    tag_type: str
    source_value: str
    market_value: str
    both: int
    source: int
    market: int


class CatalogueTables:
    """One or two catalogues in a database that spills to disk. Of products with the same id the first counts."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sq-catalogue-")
        self._database = open_database(self._folder.name)
        self._postings = lru_cache(_CACHED_POSTINGS)(self._read_postings)
        self._holding = lru_cache(_CACHED_POSTINGS)(self._read_holding)

    def load(self, side: str, products: Iterable[Product], language: str, progress: Callable[[int], None]) -> int:
        """Reads a catalogue, with its values as lemmas of `language`.

        Args:
            side: "source" or "market"; part of the tables' names.
            progress: called with the number of products so far.

        Returns:
            The number of products that were left out because their id occurred before.
        """
        run = self._database.execute
        run(f"CREATE TABLE {side}_read (place UBIGINT, product_id VARCHAR, record BLOB)")
        run(f"CREATE TABLE {side}_stated (place UBIGINT, type VARCHAR, value VARCHAR, raw VARCHAR)")
        run(f"CREATE TABLE {side}_held (place UBIGINT, word VARCHAR)")
        place = 0
        for batch in _batches(products):
            self._insert_batch(side, batch, place, language)
            place += len(batch)
            progress(place)
        run(
            f"""CREATE TABLE {side}_product AS
            SELECT row_number() OVER (ORDER BY product_id) AS ordinal, * FROM {side}_read
            QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY place) = 1 ORDER BY ordinal"""
        )
        run(
            f"""CREATE TABLE {side}_value AS
            SELECT DISTINCT type, value, raw, ordinal, product_id
            FROM {side}_stated JOIN {side}_product USING (place) ORDER BY type, value, ordinal"""
        )
        run(
            f"""CREATE TABLE {side}_word AS
            SELECT word, ordinal FROM {side}_held JOIN {side}_product USING (place) ORDER BY word, ordinal"""
        )
        for table in ("read", "stated", "held"):
            run(f"DROP TABLE {side}_{table}")
        return place - self._database.execute(f"SELECT count(*) FROM {side}_product").fetchone()[0]

    def values(self, side: str) -> list[StatedValue]:
        """All values that products state, once for each spelling."""
        found = self._database.execute(
            f"SELECT DISTINCT type, value, raw FROM {side}_value ORDER BY type, value, raw"
        ).fetchall()
        return [StatedValue(*row) for row in found]

    def value_pairs(self) -> list[ValuePair]:
        """The pairs of values that occur together in products of both catalogues."""
        found = self._database.execute(
            """WITH shared AS (
                SELECT product_id FROM source_product SEMI JOIN market_product USING (product_id)),
            s AS (SELECT DISTINCT type, value AS sv, product_id FROM source_value SEMI JOIN shared USING (product_id)),
            m AS (SELECT DISTINCT type, value AS mv, product_id FROM market_value SEMI JOIN shared USING (product_id)),
            pairs AS (SELECT type, sv, mv, count(*) AS n FROM s JOIN m USING (type, product_id) GROUP BY ALL),
            ns AS (SELECT type, sv, count(*) AS source_n FROM s GROUP BY ALL),
            nm AS (SELECT type, mv, count(*) AS market_n FROM m GROUP BY ALL)
            SELECT type, sv, mv, n, source_n, market_n
            FROM pairs JOIN ns USING (type, sv) JOIN nm USING (type, mv) ORDER BY type, sv, mv"""
        ).fetchall()
        return [ValuePair(*row) for row in found]

    def matches(self, wanted: Iterable[tuple[str, str]]) -> numpy.ndarray:
        """Ordinals, ascending, of the market's products that state every (tag type, value) of `wanted`.

        Ordinals follow the order of product ids. The result is empty if `wanted` is.
        """
        return _in_all([self._postings(*pair) for pair in set(wanted)])

    def holding(self, words: Iterable[str]) -> numpy.ndarray:
        """Ordinals, ascending, of the market's products whose title, brand or categories hold every word, a lemma.

        The result is empty if `words` is.
        """
        return _in_all([self._holding(word) for word in set(words)])

    def by_words(self, ordinals: numpy.ndarray, words: Iterable[str]) -> numpy.ndarray:
        """The same ordinals, those of products that hold most of the words first, and then in their order."""
        held = numpy.zeros(len(ordinals), dtype=numpy.int64)
        for word in set(words):
            held += numpy.isin(ordinals, self._holding(word), assume_unique=True)
        return ordinals[numpy.argsort(-held, kind="stable")]

    def products(self, ordinals: Iterable[int]) -> list[Product]:
        """The market's products with these ordinals, in their order."""
        wanted = [int(ordinal) for ordinal in ordinals]
        found = self._database.execute(
            "SELECT ordinal, record FROM market_product WHERE ordinal IN (SELECT unnest(?))", [wanted]
        ).fetchall()
        records = dict(found)
        return [Product.FromString(records[ordinal]) for ordinal in wanted]

    def close(self) -> None:
        self._database.close()
        self._folder.cleanup()

    def _read_postings(self, tag_type: str, value: str) -> numpy.ndarray:
        return self._ordinals("SELECT DISTINCT ordinal FROM market_value WHERE type = ? AND value = ?", tag_type, value)

    def _read_holding(self, word: str) -> numpy.ndarray:
        return self._ordinals("SELECT ordinal FROM market_word WHERE word = ?", word)

    def _ordinals(self, select: str, *parameters: str) -> numpy.ndarray:
        found = self._database.execute(f"{select} ORDER BY ordinal", parameters)
        return found.fetchnumpy()["ordinal"].astype(numpy.int64)

    def _insert_batch(self, side: str, products: list[Product], place: int, language: str) -> None:
        read = [
            (number, product.product_id, product.SerializeToString(deterministic=True))
            for number, product in enumerate(products, start=place)
        ]
        stated = [
            (number, tag_type, value, raw)
            for number, product in enumerate(products, start=place)
            for tag_type, raw in raw_values(product)
            if (value := canonical(raw, language))
        ]
        self._insert(f"{side}_read", read, ("place", "product_id", "record"))
        self._insert(f"{side}_stated", stated, ("place", "type", "value", "raw"))
        if side == _SEARCHED:
            held = [
                (number, word)
                for number, product in enumerate(products, start=place)
                for word in terms(" ".join((product.title, product.brand, *product.categories)), language)
            ]
            self._insert(f"{side}_held", held, ("place", "word"))

    def _insert(self, table: str, rows: list[tuple], names: tuple[str, ...]) -> None:
        if rows:
            columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
            self._database.register("incoming", pyarrow.table(columns))
            self._database.execute(f"INSERT INTO {table} SELECT * FROM incoming")
            self._database.unregister("incoming")


def _in_all(postings: list[numpy.ndarray]) -> numpy.ndarray:
    """What all of them hold, ascending; nothing if there are none."""
    if not postings:
        return numpy.empty(0, dtype=numpy.int64)
    return reduce(partial(numpy.intersect1d, assume_unique=True), sorted(postings, key=len))


def _batches(products: Iterable[Product]) -> Iterator[list[Product]]:
    batch: list[Product] = []
    for product in products:
        batch.append(product)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
