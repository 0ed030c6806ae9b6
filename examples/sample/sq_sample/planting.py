"""The failures that are planted: what is broken, where, and under which name it has to be found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


_TAG_TYPES = {part: part.upper() for part in ("brand", "category", "colour", "material", "gender")}


def planted(plan: Plan) -> list[Planted]:
    """The failure classes of a plan, in the order in which a query's loss is attributed."""
    return [
        *(Planted(plan.market, RETRIEVAL_FAILED, fault.name, fault.why, fault.touches) for fault in plan.endpoint),
        *(_translation(plan, broken) for broken in plan.translations),
        *(_brand(plan, hidden) for hidden in plan.brands),
        *(_category(plan, hidden) for hidden in plan.categories),
        *(_term(plan, word) for word in plan.unknown),
        *(_attribute(plan, broken) for broken in plan.attributes),
    ]


def _translation(plan: Plan, broken: BrokenTranslation) -> Planted:
    says = f"the glossary says {broken.instead!r} for" if broken.instead else "the glossary has no entry for"
    return _of_tag(plan, TRANSLATION_LOST_TAG, broken.part, broken.value, f"{says} {broken.value!r}")


def _brand(plan: Plan, hidden: HiddenBrand) -> Planted:
    return _of_tag(plan, ENTITY_NOT_FOUND, "brand", hidden.brand, "no indexed document holds the brand")


def _category(plan: Plan, hidden: HiddenCategory) -> Planted:
    why = f"indexed documents say {hidden.abbreviation!r} for it"
    return _of_tag(plan, ENTITY_NOT_FOUND, "category", hidden.category, why)


def _term(plan: Plan, word: str) -> Planted:
    why = "a customers' word without a synonym in the search service"
    return Planted(plan.market, TERM_NOT_RECOGNISED, plan.name(word), why, lambda search: _says(search, [word]))


def _attribute(plan: Plan, broken: BrokenAttribute) -> Planted:
    states = repr(broken.instead) if broken.instead else "nothing"
    why = f"products whose title says {broken.value!r} state {states} in the attribute"
    return _of_tag(plan, ATTRIBUTE_WRONG_OR_MISSING, broken.part, broken.value, why)


def _of_tag(plan: Plan, kind: str, part: str, english: str, why: str) -> Planted:
    def touches(search: Search) -> bool:
        # A query that says "trainers" does not name its category in words anyone knows.
        named = part != "category" or not _says(search, plan.unknown)
        return named and search.asks(part, english)

    return Planted(plan.market, kind, f"{_TAG_TYPES[part]}={plan.name(english)}", why, touches)


def _says(search: Search, words: Sequence[str]) -> bool:
    return search.synonym is not None and search.synonym.en in words
