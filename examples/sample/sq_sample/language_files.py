"""What the shop knows of its customers' words: glossary, gazetteer, synonyms, word list."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from sq_sample import german_compounds
from sq_sample.customers_words import CUSTOMERS_OWN, OTHER_WORDS, SYNONYMS, Synonym
from sq_sample.planting import Plan
from sq_sample.products import named
from sq_sample.words import CATEGORIES, COLOURS, FEATURES, GENDERS, MATERIALS, Word

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
    """CSV source,target: every English word of the catalogue with the German catalogue's word for it, and compounds."""
    broken = {(translation.part, translation.value): translation.instead for translation in plan.translations}
    rows = []
    for part, words in _PARTS.items():
        for word in words:
            target = broken.get((part, word.en), word.de)
            if target is not None:
                rows += [(source, target) for source in dict.fromkeys((word.en, *word.spellings))]
    rows += [(synonym.en, synonym.de) for synonym in (*SYNONYMS, *CUSTOMERS_OWN)]
    rows += german_compounds.phrases()
    return _csv(("source", "target"), rows)


def gazetteer(plan: Plan) -> str:
    """CSV type,value,surface,language: customers' words for categories, in the languages a query may be in."""
    rows = []
    for synonym in (*SYNONYMS, *CUSTOMERS_OWN):
        category = named(CATEGORIES, synonym.category)
        for language in dict.fromkeys(("en", plan.language)):
            surface, value = _in(synonym, language), category.value(language)
            if surface.lower() != value.lower():
                rows.append(("CATEGORY", value, surface.lower(), language))
    return _csv(("type", "value", "surface", "language"), rows)


def synonyms(plan: Plan) -> str:
    """What the search service knows, one rule a line: `word of queries => word of products`."""
    known = [synonym for synonym in (*SYNONYMS, *CUSTOMERS_OWN) if synonym.en not in plan.unknown]
    return _lines([*_IRREGULAR[plan.language], *_rules(known, plan.language)])


def customers_words(plan: Plan) -> str:
    """The shop's own list of customers' words, whether or not the search service knows them; as `synonyms`."""
    return _lines(_rules([*SYNONYMS, *CUSTOMERS_OWN], plan.language))


def _rules(synonyms: Iterable[Synonym], language: str) -> Iterator[str]:
    for synonym in synonyms:
        category = named(CATEGORIES, synonym.category).value(language).lower()
        surface = _in(synonym, language).lower()
        if surface != category:
            yield f"{surface} => {category}"


def _lines(rules: Iterable[str]) -> str:
    return "\n".join(["# word of customers => word of the catalogue", *rules]) + "\n"


def compounds() -> str:
    """German words that compounds are made of, one a line."""
    return "\n".join(german_compounds.parts()) + "\n"


def _in(synonym: Synonym, language: str) -> str:
    return synonym.de if language == "de" else synonym.en


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
