"""A market's catalogues, gazetteers and values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.product_pb2 import Product, ProductRef
from sq.v1.tag_pb2 import Tag
from sq_generate.catalogue_tables import CatalogueTables, StatedValue
from sq_generate.taggers import Taggers
from sq_generate.translate.translator import Translator
from sq_generate.values import intended_tags, learn_values, same_spelling
from sq_mechanisms import CatalogueWords
from sq_mechanisms import Market as Words
from sq_mechanisms.lists import read_lists
from sq_ner.entries import market_entries
from sq_ner.tagger import Tagger
from sq_source import read_catalogue
from sq_stagekit import Work
from sq_text import Entry, canonical

MARKET = "market"
SOURCE = "source"


@dataclass
class Market:
    """What is known about a market before its queries are read.

    Attributes:
        source_tagger: tags queries as they were typed.
        tagger: tags queries in the market's language.
        values: the market's value by (tag type, source value).
        stated: every (tag type, value) of the market's products.
        words: of the market's catalogue, with the lists of the site.
        products: by id, all that known_matches has returned so far.
    """

    language: str
    tables: CatalogueTables
    source_tagger: Tagger
    tagger: Tagger
    values: dict[tuple[str, str], str]
    stated: frozenset[tuple[str, str]]
    words: Words
    products: dict[str, Product] = field(default_factory=dict)
    # By wanted tags and other words, because many queries of a segment want the same ones.
    _matches: dict[tuple[frozenset[tuple[str, str]], frozenset[str]], tuple[int, list[ProductRef]]] = field(
        default_factory=dict
    )

    @classmethod
    def load(cls, config: GenerateConfig, tables: CatalogueTables, taggers: Taggers, work: Work) -> Market:
        """Reads the catalogues into the tables.

        Raises:
            InputError: a catalogue, gazetteer or list of words is wrong, or the NER service refuses the gazetteer.
            TryAgainError: the NER service does not answer.
        """
        source, target = config.source_language, config.target_language
        words = Words(target, CatalogueWords(target), lists=read_lists(config.words, target))
        products = _counted(read_catalogue(config.catalogue, "catalogue"), words.catalogue)
        _load(tables, MARKET, products, "catalogue", target, work)
        market_values = tables.values(MARKET)
        if config.HasField("source_catalogue"):
            products = read_catalogue(config.source_catalogue, "source_catalogue")
            _load(tables, SOURCE, products, "source_catalogue", source, work)
            source_values = tables.values(SOURCE)
            values = learn_values(tables.value_pairs())
        else:
            source_values = market_values
            values = same_spelling(market_values, source)
        return cls(
            language=target,
            tables=tables,
            source_tagger=taggers.of(_entries(source_values, config.gazetteer_uri, source), source),
            tagger=taggers.of(_entries(market_values, config.gazetteer_uri, target), target),
            values=values,
            stated=frozenset((item.tag_type, item.value) for item in market_values),
            words=words,
        )

    def intended(self, source_tags: Iterable[Tag], translator: Translator) -> list[Tag]:
        """The source's tags with the market's values.

        A value comes from the catalogues, or else from the translator if the market's catalogue has its translation.
        """
        known = {(tag.type, tag.value): self._in_market(tag, translator) for tag in source_tags}
        return intended_tags(source_tags, known)

    def _in_market(self, tag: Tag, translator: Translator) -> str:
        learned = self.values.get((tag.type, tag.value))
        if learned is not None:
            return learned
        translated = canonical(translator.value(tag.value), self.language)
        return translated if (tag.type, translated) in self.stated else tag.value

    def known_matches(self, tags: Iterable[Tag], others: Iterable[str], limit: int) -> tuple[int, list[ProductRef]]:
        """The number of the market's products with all tags, and the first `limit` of them.

        Those that hold most of the other words come first, then by id. Without tags it is the products that hold all of
        these words in title, brand or categories.

        Args:
            others: lemmas of the query's words that no tag covers.
        """
        wanted = frozenset((tag.type, tag.value) for tag in tags), frozenset(others)
        if wanted not in self._matches:
            self._matches[wanted] = self._find_matches(*wanted, limit)
        return self._matches[wanted]

    def _find_matches(
        self, wanted: frozenset[tuple[str, str]], others: frozenset[str], limit: int
    ) -> tuple[int, list[ProductRef]]:
        tables = self.tables
        found = tables.by_words(tables.matches(wanted), others) if wanted else tables.holding(others)
        first = tables.products(found[:limit]) if len(found) and limit else []
        self.products.update((product.product_id, product) for product in first)
        refs = [ProductRef(product_id=product.product_id, content_hash=product.content_hash) for product in first]
        return len(found), refs


def _counted(products: Iterable[Product], words: CatalogueWords) -> Iterator[Product]:
    """The products; their words are counted on the way, so that the catalogue is read once."""
    for product in products:
        words.add(product)
        yield product


def _load(
    tables: CatalogueTables, side: str, products: Iterable[Product], name: str, language: str, work: Work
) -> None:
    def progress(done: int) -> None:
        work.check_stop()
        work.progress(done, done, unit="products")

    repeated = tables.load(side, products, language, progress)
    if repeated:
        extra = {"field": name, "count": repeated}
        work.log.warning("products have the id of another and are left out", extra=extra)


def _entries(values: Iterable[StatedValue], added_uri: str, language: str) -> list[Entry]:
    return market_entries(((item.tag_type, item.raw) for item in values), added_uri, language)
