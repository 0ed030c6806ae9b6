"""The failures that are planted: what is broken, where, and under which name it has to be found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sq_sample.searches import Search

RETRIEVAL_FAILED = "RETRIEVAL_FAILED"
TRANSLATION_LOST_TAG = "TRANSLATION_LOST_TAG"
ENTITY_NOT_FOUND = "ENTITY_NOT_FOUND"
TERM_NOT_RECOGNISED = "TERM_NOT_RECOGNISED"
ATTRIBUTE_WRONG_OR_MISSING = "ATTRIBUTE_WRONG_OR_MISSING"


@dataclass(frozen=True)
class EndpointFault:
    """The search endpoint breaks on queries that match a pattern.

    Attributes:
        pattern: RE2, searched in the query's text.
        status: of the answer.
        truncate: ends the answer in the middle, behind a status of 200.
        says: the error of the answer, "type: reason".
    """

    name: str
    pattern: str
    status: int
    truncate: bool
    says: str
    touches: Callable[[Search], bool]
    why: str


@dataclass(frozen=True)
class HiddenBrand:
    """No indexed document holds the brand: the supplier's feed came without it."""

    brand: str


@dataclass(frozen=True)
class HiddenCategory:
    """Indexed documents name the category by a supplier's abbreviation alone."""

    category: str
    abbreviation: str


@dataclass(frozen=True)
class BrokenAttribute:
    """Part of the products with a value of an attribute state another one, or none.

    Attributes:
        instead: what they state; None for nothing.
        in_catalogue: broken at the source, not only in the index.
    """

    part: str
    value: str
    instead: str | None
    in_catalogue: bool = False


@dataclass(frozen=True)
class BrokenTranslation:
    """The glossary has another word for a value, or no entry.

    Attributes:
        instead: the wrong word; None for no entry.
    """

    part: str
    value: str
    instead: str | None


@dataclass(frozen=True)
class Plan:
    """What is broken in one market. A plan without faults is a market in which everything works.

    Attributes:
        unknown: customers' own words that neither the service nor the gazetteer knows.
        values: English value to the market's canonical one, by which a class is named.
    """

    market: str
    language: str
    endpoint: tuple[EndpointFault, ...] = ()
    brands: tuple[HiddenBrand, ...] = ()
    categories: tuple[HiddenCategory, ...] = ()
    attributes: tuple[BrokenAttribute, ...] = ()
    translations: tuple[BrokenTranslation, ...] = ()
    unknown: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)

    def name(self, english: str) -> str:
        return self.values.get(english, english)


@dataclass(frozen=True)
class Planted:
    """One failure class that has to be found."""

    market: str
    kind: str
    value: str
    why: str
    touches: Callable[[Search], bool]

    @property
    def class_id(self) -> str:
        return f"{self.kind}/{self.value}"


def planted(plan: Plan) -> list[Planted]:
    """The failure classes of a plan, in the order in which a query's loss is attributed."""
    tag_type = {
        "brand": "BRAND",
        "category": "CATEGORY",
        "colour": "COLOUR",
        "material": "MATERIAL",
        "gender": "GENDER",
    }

    def tag(part: str, english: str) -> str:
        return f"{tag_type[part]}={plan.name(english)}"

    def asks(part: str, english: str) -> Callable[[Search], bool]:
        return lambda search: search.asks(part, english) and not _names_unknown(search, part, plan)

    found = [Planted(plan.market, RETRIEVAL_FAILED, fault.name, fault.why, fault.touches) for fault in plan.endpoint]
    found += [
        Planted(
            plan.market,
            TRANSLATION_LOST_TAG,
            tag(broken.part, broken.value),
            f"the glossary says {broken.instead!r} for {broken.value!r}"
            if broken.instead
            else f"the glossary has no entry for {broken.value!r}",
            asks(broken.part, broken.value),
        )
        for broken in plan.translations
    ]
    found += [
        Planted(
            plan.market,
            ENTITY_NOT_FOUND,
            tag("brand", hidden.brand),
            "no indexed document holds the brand",
            asks("brand", hidden.brand),
        )
        for hidden in plan.brands
    ]
    found += [
        Planted(
            plan.market,
            ENTITY_NOT_FOUND,
            tag("category", hidden.category),
            f"indexed documents say {hidden.abbreviation!r} for it",
            asks("category", hidden.category),
        )
        for hidden in plan.categories
    ]
    found += [
        Planted(
            plan.market,
            TERM_NOT_RECOGNISED,
            plan.name(word),
            "a customers' word without a synonym in the search service",
            lambda search, word=word: search.synonym is not None and search.synonym.en == word,
        )
        for word in plan.unknown
    ]
    found += [
        Planted(
            plan.market,
            ATTRIBUTE_WRONG_OR_MISSING,
            tag(broken.part, broken.value),
            f"products whose title says {broken.value!r} state "
            + (f"{broken.instead!r} in the attribute" if broken.instead else "nothing in the attribute"),
            asks(broken.part, broken.value),
        )
        for broken in plan.attributes
    ]
    return found


def _names_unknown(search: Search, part: str, plan: Plan) -> bool:
    """A query that says "trainers" does not name its category in words anyone knows."""
    return part == "category" and search.synonym is not None and search.synonym.en in plan.unknown
