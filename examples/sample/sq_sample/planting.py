"""The failures that are planted: what is broken, where, and under which name it has to be found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sq_sample.searches import Search

# What a search misses, by search.
Touches = Callable[[Search], bool]


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
    touches: Touches
    why: str


@dataclass(frozen=True)
class BrokenAttribute:
    """Part of the products with a value of an attribute state nothing, in the catalogue as in the index."""

    part: str
    value: str


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
        unstemmed: the analyser does not stem: singular and plural are different words.
        whole_compounds: the analyser does not split compounds.
        misspelt: typing errors stay as they are.
        intents_required: words of intent have to be in a product, as all words.
        unsearched: a field that requests leave out; empty for none.
        unknown: customers' own words that the search service has no synonym for.
        values: English value to the market's canonical one, by which a class is named.
    """

    market: str
    language: str
    endpoint: tuple[EndpointFault, ...] = ()
    unstemmed: bool = False
    whole_compounds: bool = False
    misspelt: bool = False
    intents_required: bool = False
    unsearched: str = ""
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
    subject: str
    why: str
    touches: Touches

    @property
    def class_id(self) -> str:
        return f"{self.kind}/{self.subject}"


def planted(plan: Plan) -> list[Planted]:
    """The failure classes of a plan. A query that several touch counts for the first of them."""
    return [
        *(Planted(plan.market, "RETRIEVAL_FAILED", fault.name, fault.why, fault.touches) for fault in plan.endpoint),
        *_unsearched(plan),
        *_mechanisms(plan),
        *(_data_gap(plan, broken) for broken in plan.attributes),
    ]


def _unsearched(plan: Plan) -> list[Planted]:
    if not plan.unsearched:
        return []
    why = f"the request does not search the field {plan.unsearched}"
    return [
        Planted(plan.market, "UNSEARCHED_FIELD", plan.unsearched, why, lambda search: plan.unsearched in search.parts)
    ]


def _mechanisms(plan: Plan) -> list[Planted]:
    found: list[tuple[str, str, Touches]] = []
    if plan.translations:
        found.append(("translation", _glossary_says(plan), lambda search: _lost(plan, search)))
    if plan.misspelt:
        found.append(("spelling", "typing errors are not corrected", lambda search: search.mistyped))
    if plan.unknown:
        words = ", ".join(plan.unknown)
        found.append(("vocabulary", f"no synonyms for {words}", lambda search: _says(plan, search)))
    if plan.intents_required:
        found.append(("modifier", "products must hold words of intent", lambda search: bool(search.intent)))
    if plan.whole_compounds:
        found.append(("compound", "compounds are not split", lambda search: search.is_compound))
    if plan.unstemmed:
        found.append(("inflection", "singular and plural are different words", lambda search: search.inflected))
    return [Planted(plan.market, "MECHANISM", name, why, touches) for name, why, touches in found]


def _glossary_says(plan: Plan) -> str:
    lines = [f"{broken.value} → {broken.instead or 'nothing'}" for broken in plan.translations]
    return f"the glossary says {', '.join(lines)}"


def _lost(plan: Plan, search: Search) -> bool:
    """Whether the glossary has the wrong word for one of the query's. Compounds are phrases of their own."""
    return not search.is_compound and any(search.names(broken.part, broken.value) for broken in plan.translations)


def _says(plan: Plan, search: Search) -> bool:
    return search.synonym is not None and search.synonym.en in plan.unknown


def _data_gap(plan: Plan, broken: BrokenAttribute) -> Planted:
    why = f"products whose title says {broken.value!r} state nothing in the attribute"
    subject = f"{broken.part.upper()}={plan.name(broken.value)}"
    return Planted(plan.market, "DATA_GAP", subject, why, lambda search: search.names(broken.part, broken.value))
