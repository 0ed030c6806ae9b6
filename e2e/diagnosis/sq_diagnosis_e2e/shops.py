"""A sound shop, and shops with one thing broken each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sq_diagnosis_e2e.analysis import Analysis

SEARCHED = ("title^3", "brand^10", "category^12", "colour^6", "description", "compatibility")
# Every word has to match.
MATCHING = "100%"
# Up to 1.4 times the score.
POPULARITY = "pow(popularity,0.3)"
# Products that go with others, and that customers of the log do not ask for.
_ACCESSORIES = "title:(kit mount bracket cover holder sleeve accessory)^15"
SOUND = {("solr", "en"): "sound", ("solr", "de"): "de-sound", ("opensearch", "en"): "opensearch-sound"}
_GERMAN = ("title^3", "brand^10", "category^12", "colour^6", "material^6", "gender^6", "description")


@dataclass(frozen=True)
class Shop:
    """One engine's settings.

    Attributes:
        name: of the shop and of the market that runs over it.
        right: id of the failure class that has to come first; empty where nothing is broken.
        analysis: of its index.
        searched: fields with their boosts.
        parameters: of each request.
        wiped: values of the colour field that its products have lost.
        unindexed: share of the catalogue that its index lacks.
        repaired: name of the shop that its repair makes of it; empty for the sound shop of its engine and language.
        engine: solr or opensearch.
    """

    name: str
    right: str = ""
    analysis: Analysis = field(default_factory=Analysis)
    searched: tuple[str, ...] = SEARCHED
    parameters: Mapping[str, str] = field(default_factory=lambda: {"mm": MATCHING, "tie": "0.1", "boost": POPULARITY})
    wiped: tuple[str, ...] = ()
    unindexed: float = 0.0
    repaired: str = ""
    engine: str = "solr"

    @property
    def language(self) -> str:
        return self.analysis.language

    @property
    def sound(self) -> str:
        return SOUND[self.engine, self.language]

    @property
    def after(self) -> str:
        """The shop that it becomes by its repair."""
        return self.repaired or self.sound

    @property
    def judged(self) -> bool:
        """Whether it has a line of the table: a shop that others are repaired to may have more than one fault."""
        return bool(self.right) or self.name == self.sound

    @property
    def core(self) -> str:
        """The core that it searches: one of its own where its index differs from the sound shop's."""
        own = self.analysis != Analysis(self.language) or self.wiped or self.unindexed
        return self.name if own else self.sound


def _without(name: str) -> tuple[str, ...]:
    return tuple(one for one in SEARCHED if one.split("^")[0] != name)


def _with(**parameters: str) -> dict[str, str]:
    return {**Shop("").parameters, **parameters}


def _german(name: str, right: str = "", **parts: bool) -> Shop:
    return Shop(name, right, analysis=replace(Analysis("de"), **parts), searched=_GERMAN)


def _opensearch(name: str, right: str = "", **parts: bool) -> Shop:
    return Shop(name, right, analysis=replace(_ALL, **parts), engine="opensearch")


_ALL = Analysis()
SHOPS = (
    Shop("sound"),
    Shop("no-stemming", "MECHANISM/inflection", analysis=replace(_ALL, stems=False)),
    Shop("no-delimiter", "MECHANISM/spacing", analysis=replace(_ALL, delimits=False)),
    Shop("no-synonyms", "MECHANISM/vocabulary", analysis=replace(_ALL, synonyms=False)),
    Shop("no-stop-list", "MECHANISM/modifier", analysis=replace(_ALL, stops=False)),
    Shop("no-units", "MECHANISM/units", analysis=replace(_ALL, units=False)),
    Shop("no-spelling", "MECHANISM/spelling", analysis=replace(_ALL, corrects=False)),
    Shop("popular", parameters=_with(boost="popularity")),
    Shop("any-word", "MECHANISM/operator", parameters=_with(boost="popularity", mm="1"), repaired="popular"),
    Shop("accessories-first", "MECHANISM/accessories", parameters=_with(bq=_ACCESSORIES)),
    Shop("brand-unsearched", "UNSEARCHED_FIELD/brand", searched=_without("brand")),
    Shop("attribute-unsearched", "UNSEARCHED_FIELD/compatibility", searched=_without("compatibility")),
    Shop("category-weak", "MECHANISM/entity", searched=(*_without("category"), "category^0.1")),
    Shop("colour-wiped", "DATA_GAP/COLOUR=black", wiped=("black",)),
    Shop("products-missing", "MISSING_PRODUCTS", unindexed=0.3),
    Shop("quotes-refused", "RETRIEVAL_FAILED/REFUSED", parameters=_with(q="{{query}}", bq="title:({{query}})^0.01")),
    _german("de-sound"),
    _german("de-no-decompounder", "MECHANISM/compound", splits=False),
    _german("de-no-stemming", "MECHANISM/inflection", stems=False),
    _opensearch("opensearch-sound"),
    _opensearch("opensearch-no-stemming", "MECHANISM/inflection", stems=False),
    _opensearch("opensearch-no-delimiter", "MECHANISM/spacing", delimits=False),
    _opensearch("opensearch-no-synonyms", "MECHANISM/vocabulary", synonyms=False),
    _opensearch("opensearch-no-stop-list", "MECHANISM/modifier", stops=False),
)
