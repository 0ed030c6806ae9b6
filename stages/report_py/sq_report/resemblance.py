"""How much two products are the same, but for colour and size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import regex

from sq.v1.product_pb2 import Attribute, Product
from sq_text.normalise import normalise
from sq_text.tokens import tokenise

# Resemblance from which two products are variants: see docs/measures.md.
VARIANT = 0.84

_VARIANT_TAGS = frozenset({"COLOUR", "SIZE"})
# Words in the names of attributes that tell variants apart, English and German.
_COLOUR_NAMES = frozenset({"colour", "colours", "color", "colors", "coloration", "farbe", "farben"})
# fmt: off
_SIZE_NAMES = frozenset({
    "size", "sizes", "length", "width", "height", "depth", "weight", "diameter", "volume", "capacity",
    "quantity", "dimensions", "thickness", "yield", "ean", "gtin", "größe", "groesse", "länge", "breite",
    "höhe", "tiefe", "gewicht", "durchmesser", "volumen", "kapazität", "menge", "abmessungen",
})
# fmt: on
_UNITS = (
    "mm|cm|dm|m|km|in|inch|inches|ft|feet|foot|yd|µm|nm|ml|cl|dl|l|litre|litres|liter|oz|mg|g|kg|lb|lbs"
    "|kb|mb|gb|tb|pc|pcs|piece|pieces|pack|pk|stück|stk|sheets|pages"
)
# A measure: numbers with a unit ("3.66 m", "2x130ml", "10-Pack", '24"').
_MEASURE = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}.,])(?:\p{{N}}+(?:[.,]\p{{N}}+)?\s?[x×/]\s?)*\p{{N}}+(?:[.,]\p{{N}}+)?"
    rf"(?:[\s-]?(?:{_UNITS})(?![\p{{L}}\p{{N}}])(?:\(s\))?|[\"″”']{{1,2}})\.?"
)


@dataclass(frozen=True)
class Features:
    """What a product is compared by.

    Attributes:
        title, description: their words, without colours and measures.
        codes: those of the title's words with digits, which tell models apart.
        stated: values of attributes that do not tell variants apart, by name.
        colours_and_sizes: of the title, and of attributes by name.
    """

    brand: str
    title: frozenset[str]
    description: frozenset[str]
    codes: frozenset[str]
    stated: Mapping[str, frozenset[str]]
    colours_and_sizes: Mapping[str, frozenset[str]]


def colour_words(products: Iterable[Product]) -> frozenset[str]:
    """Every word that some product states as a colour: titles name colours their own product does not state."""
    return frozenset(
        word
        for product in products
        for attribute in product.attributes
        if _is_colour(attribute)
        for value in attribute.values
        for word in _words(value)
        if not any(character.isdigit() for character in word)
    )


def features(product: Product, colours: frozenset[str]) -> Features:
    """colours: of the market, see colour_words."""
    title = normalise(product.title)
    measures = [match.group().strip() for match in _MEASURE.finditer(title)]
    words, described = _unmeasured(title), _unmeasured(product.description)
    own = frozenset(word for a in product.attributes if _is_variant(a) for value in a.values for word in _words(value))
    named = words & (colours | own)
    stated, varying = {}, {"": frozenset({*named, *measures})}
    if product.categories:
        stated[""] = frozenset(map(normalise, product.categories))
    for attribute in product.attributes:
        which = varying if _is_variant(attribute) else stated
        which[attribute.name] = frozenset(map(normalise, attribute.values))
    kept = words - named
    return Features(
        brand=normalise(product.brand),
        title=kept,
        description=described - colours - own,
        codes=frozenset(word for word in kept if any(character.isdigit() for character in word)),
        stated=stated,
        colours_and_sizes=varying,
    )


def resemblance(one: Features, other: Features) -> float:
    """How much two products have in common besides what tells variants apart, 0..1; 1 for equal products.

    The lesser of two Jaccard coefficients (Broder: On the resemblance and containment of documents, 1997): of the
    titles' words, and of all else that both state, attributes and words of the description. 0 where the brands, or
    the titles' codes, differ: "HP 301" is no variant of "HP 302".
    """
    if one.brand != other.brand or one.codes != other.codes or not one.title:
        return 0.0
    both_state = one.stated.keys() & other.stated.keys()
    shared, all_features = sum(one.stated[name] == other.stated[name] for name in both_state), len(both_state)
    if one.description and other.description:
        shared += len(one.description & other.description)
        all_features += len(one.description | other.description)
    titles = len(one.title & other.title) / len(one.title | other.title)
    return min(titles, shared / all_features if all_features else 1.0)


def relisted(one: Features, other: Features) -> bool:
    """Whether no colour and size that both state tells the two apart, either."""
    ours, theirs = one.colours_and_sizes, other.colours_and_sizes
    return all(ours[name] == theirs[name] for name in ours.keys() & theirs.keys())


def _unmeasured(text: str) -> frozenset[str]:
    return frozenset(_words(_MEASURE.sub(" ", normalise(text))))


def _words(text: str) -> list[str]:
    return [token.text for token in tokenise(normalise(text))]


def _is_colour(attribute: Attribute) -> bool:
    return attribute.tag_type == "COLOUR" or not _COLOUR_NAMES.isdisjoint(_name_words(attribute.name))


def _is_variant(attribute: Attribute) -> bool:
    names = _name_words(attribute.name)
    return attribute.tag_type in _VARIANT_TAGS or not names.isdisjoint(_COLOUR_NAMES | _SIZE_NAMES)


def _name_words(name: str) -> set[str]:
    return set(normalise(name).replace("_", " ").replace("-", " ").split())
