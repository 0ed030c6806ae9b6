"""Products, and how a catalogue writes them down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sq_sample.brands import BRANDS
from sq_sample.words import CATEGORIES, COLOURS, FEATURES, GENDERS, MATERIALS, Category, Word

COUNT = 2000

# One in three products has something to tell it from others by.
_FEATURE_SHARE = 1 / 3
# Each further material of a category is this much rarer than the one before.
_MATERIAL_DECAY = 0.8
_PRICES = {"leather": 1.9, "cashmere": 1.8, "silk": 1.6, "suede": 1.6, "wool": 1.3}


@dataclass(frozen=True)
class Product:
    """One product; every part is a word of the shop's own, so that it can be written in either language."""

    id: str
    brand: Word
    category: Category
    colour: Word
    material: Word
    gender: Word
    sizes: tuple[str, ...]
    feature: Word | None
    partner: Category
    price: float

    @property
    def image(self) -> str:
        return f"pictures/{self.category.en}-{self.colour.en}-{self.material.en}.svg"


def make_products(random: Random) -> list[Product]:
    """COUNT products with ids in order: every category alike, other words by their weight."""
    categories = [CATEGORIES[number % len(CATEGORIES)] for number in range(COUNT)]
    random.shuffle(categories)
    return [_make_product(f"p{number:05d}", category, random) for number, category in enumerate(categories, start=1)]


def _make_product(product_id: str, category: Category, random: Random) -> Product:
    material = random.choices(
        [named(MATERIALS, name) for name in category.materials],
        [named(MATERIALS, name).weight * _MATERIAL_DECAY**place for place, name in enumerate(category.materials)],
    )[0]
    base = random.uniform(15, 60) * category.weight**0.5 * _PRICES.get(material.en, 1.0)
    return Product(
        id=product_id,
        brand=pick(random, BRANDS),
        category=category,
        colour=pick(random, COLOURS),
        material=material,
        gender=pick(random, [named(GENDERS, name) for name in category.genders]),
        sizes=_some(category.sizes, random),
        feature=random.choice(FEATURES) if random.random() < _FEATURE_SHARE else None,
        partner=random.choice([other for other in CATEGORIES if other is not category]),
        price=int(base) + 0.95,
    )


def _some(sizes: Sequence[str], random: Random) -> tuple[str, ...]:
    """A run of at least half of the sizes: what is in stock."""
    if not sizes:
        return ()
    count = random.randint((len(sizes) + 1) // 2, len(sizes))
    first = random.randint(0, len(sizes) - count)
    return tuple(sizes[first : first + count])


def named(words: Sequence[Word], english: str) -> Word:
    """The word with an English value. Raises KeyError where there is none."""
    for word in words:
        if word.en == english:
            return word
    raise KeyError(english)


def pick(random: Random, words: Sequence[Word]) -> Word:
    return random.choices(words, [word.weight for word in words])[0]


def document(product: Product, language: str) -> dict:
    """A product as the catalogue of a language has it."""
    return {
        "id": product.id,
        "title": title(product, language),
        "description": description(product, language),
        "brand": product.brand.value(language),
        "category": product.category.value(language),
        "colour": product.colour.value(language),
        "material": product.material.value(language),
        "gender": product.gender.value(language),
        "sizes": list(product.sizes),
        "price": product.price,
        "image": product.image,
    }


def title(product: Product, language: str) -> str:
    """Such as "Women's navy linen dress, striped". The brand has a field of its own."""
    feature = f", {product.feature.value(language)}" if product.feature else ""
    if language == "de":
        words = (product.gender, product.category, product.colour, product.material)
        return " ".join(word.de for word in words) + feature
    gender = product.gender.en
    owner = f"{gender}'" if gender.endswith("s") else f"{gender}'s"
    words = (owner.capitalize(), product.colour.en, product.material.en, product.category.en)
    return " ".join(words) + feature


def description(product: Product, language: str) -> str:
    """A few sentences. They name neither colour nor material: those stand in title and attributes."""
    parts = _german(product) if language == "de" else _english(product)
    return " ".join(part for part in parts if part)


def _english(product: Product) -> tuple[str, ...]:
    kind = f"{product.feature.en} {product.category.en}" if product.feature else product.category.en
    sizes = f"Available in size {', '.join(product.sizes)}." if product.sizes else ""
    return (f"{kind.capitalize()}.", sizes, f"Made to last. Pairs well with our {product.partner.en}.")


def _german(product: Product) -> tuple[str, ...]:
    kind = f"{product.category.de}, {product.feature.de}" if product.feature else product.category.de
    sizes = f"Erhältlich in Größe {', '.join(product.sizes)}." if product.sizes else ""
    return (f"{kind}.", sizes, f"Lange haltbar. Lässt sich gut kombinieren: {product.partner.de}.")
