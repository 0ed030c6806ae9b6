"""What customers type and no product says."""

from __future__ import annotations

from dataclasses import dataclass

from sq_sample.words import Word


@dataclass(frozen=True)
class Synonym:
    """A customers' word for a category, and the word a translator has for it."""

    en: str
    de: str
    category: str


# Words of customers that the shop's search knows.
SYNONYMS = (
    Synonym("rucksack", "Rucksack", "backpack"),
    Synonym("anorak", "Anorak", "jacket"),
    Synonym("pullover", "Pullover", "sweater"),
    Synonym("pants", "Hose", "trousers"),
)

# Words of customers that it knows only where nothing is planted.
CUSTOMERS_OWN = (
    Synonym("trainers", "Turnschuhe", "sneakers"),
    Synonym("jumper", "Strickpulli", "sweater"),
    Synonym("slacks", "Stoffhose", "trousers"),
)

# Words of intent: they name no property of a product.
INTENTS = (
    Word("cheap", "günstige", weight=4),
    Word("best", "beste", weight=3),
    Word("new", "neue", weight=2),
    Word("sale", "Sale"),
)

# English words besides: what the glossary needs of a query's other words.
OTHER_WORDS = (Word("size", "Größe"), *INTENTS)
