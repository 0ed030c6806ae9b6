"""What the shop knows of its customers' words: glossary, gazetteer, synonyms."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from sq_sample.planting import Plan
from sq_sample.products import named
from sq_sample.words import (
    CATEGORIES,
    COLOURS,
    CUSTOMERS_OWN,
    FEATURES,
    GENDERS,
    MATERIALS,
    OTHER_WORDS,
    SYNONYMS,
    Synonym,
    Word,
)

_PARTS: dict[str, Sequence[Word]] = {
    "category": CATEGORIES,
    "colour": COLOURS,
    "material": MATERIALS,
    "gender": GENDERS,
    "feature": FEATURES,
    "other": OTHER_WORDS,
}
# Forms that a stemmer does not bring together.
_IRREGULAR = {"en": ("scarves => scarf", "woman => women", "man => men"), "de": ()}


def glossary(plan: Plan) -> str:
    """CSV source,target: every English word of the catalogue with the German catalogue's word for it."""
    broken = {(translation.part, translation.value): translation.instead for translation in plan.translations}
    rows = []
    for part, words in _PARTS.items():
        for word in words:
            target = broken.get((part, word.en), word.de)
            if target is not None:
                rows += [(source, target) for source in dict.fromkeys((word.en, *word.spellings))]
    rows += [(synonym.en, synonym.de) for synonym in (*SYNONYMS, *CUSTOMERS_OWN)]
    return _csv(("source", "target"), rows)


def gazetteer(plan: Plan) -> str:
    """CSV type,value,surface,language: customers' words for categories, in the languages a query may be in."""
    rows = []
    for synonym in _known(plan):
        category = named(CATEGORIES, synonym.category)
        for language in dict.fromkeys(("en", plan.language)):
            surface, value = _in(synonym, language), category.value(language)
            if surface.lower() != value.lower():
                rows.append(("CATEGORY", value, surface.lower(), language))
    return _csv(("type", "value", "surface", "language"), rows)


def synonyms(plan: Plan) -> str:
    """One rule a line, `word => word`: a query that says the left is answered by what says the right."""
    rules = ["# word of customers => word of the catalogue", *_IRREGULAR[plan.language]]
    for synonym in _known(plan):
        category = named(CATEGORIES, synonym.category).value(plan.language).lower()
        surface = _in(synonym, plan.language).lower()
        if surface != category:
            rules.append(f"{surface} => {category}")
    return "\n".join(rules) + "\n"


def compounds() -> str:
    """German words that compounds are made of, one a line."""
    words = {word.de.lower() for word in (*CATEGORIES, *MATERIALS)}
    return "\n".join(sorted(words)) + "\n"


def _known(plan: Plan) -> list[Synonym]:
    return [*SYNONYMS, *(synonym for synonym in CUSTOMERS_OWN if synonym.en not in plan.unknown)]


def _in(synonym: Synonym, language: str) -> str:
    return synonym.de if language == "de" else synonym.en


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
