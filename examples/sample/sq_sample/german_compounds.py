"""German compounds of a material and a category, as translators write them: "Lederjacke" for "leather jacket"."""

from __future__ import annotations

from collections.abc import Iterator

from sq_sample.products import named
from sq_sample.words import CATEGORIES, MATERIALS, Category, Word

# Materials that change as the first part of a compound.
_FIRST_PARTS = {"cotton": "Baumwoll", "silk": "Seiden", "wool": "Woll"}


def compound(material: Word, category: Category) -> str:
    return _FIRST_PARTS.get(material.en, material.de) + category.de.lower()


def phrases() -> Iterator[tuple[str, str]]:
    """(English phrase, German compound) of every material that a category comes in."""
    for category in CATEGORIES:
        for name in category.materials:
            material = named(MATERIALS, name)
            for spelling in category.spellings:
                yield f"{material.en} {spelling}", compound(material, category)


def parts() -> list[str]:
    """Words that compounds are made of, in lower case and sorted."""
    return sorted({word.de.lower() for word in (*CATEGORIES, *MATERIALS)})
