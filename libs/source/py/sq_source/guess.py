"""Guesses a field mapping from the names that shops usually give their fields."""

from __future__ import annotations

from collections.abc import Sequence

from sq.v1.source_pb2 import AttributeField, FieldMapping
from sq_stagekit import InputError

# The most likely name first.
_GUESSES = {
    "id": ("id", "product_id", "productid", "docid", "sku", "asin", "_id"),
    "title": ("title", "name", "product_title", "product_name"),
    "description": ("description", "short_description", "long_description", "product_description", "text"),
    "brand": ("brand", "supplier", "manufacturer", "vendor", "product_brand"),
    "category": ("categories", "category", "category_path", "product_type", "product_category"),
    "price": ("price",),
    "image": ("image", "image_uri", "image_url", "img_500x500", "img_high"),
}
# By the whole name of a field without its prefix and "product_": a field like "screen_size" may be of a part.
_TAG_TYPES = {
    "color": "COLOUR",
    "colour": "COLOUR",
    "colors": "COLOUR",
    "colours": "COLOUR",
    "farbe": "COLOUR",
    "material": "MATERIAL",
    "materials": "MATERIAL",
    "size": "SIZE",
    "sizes": "SIZE",
    "größe": "SIZE",
    "groesse": "SIZE",
    "gender": "GENDER",
    "geschlecht": "GENDER",
}
PREFIXES = ("attr_t_", "attr_n_", "attr_b_", "attr_", "attribute_", "attributes.")


def guess_fields(names: Sequence[str], field: str) -> FieldMapping:
    """A mapping from the names of a catalogue's fields.

    Raises:
        InputError: no field looks like an id, or none like a title. It lists the fields.
    """
    single = {wanted: name for wanted, guesses in _GUESSES.items() if (name := _find(guesses, names))}
    for needed in ("id", "title"):
        if needed not in single:
            raise InputError(
                f"{field}.fields",
                f"cannot tell which field is the {needed}; there are {', '.join(sorted(names)[:40])}",
                "give a mapping",
            )
    attributes = [
        AttributeField(field=name, name=_without_prefix(name), tag_type=tag_type)
        for name in sorted(set(names) - set(single.values()))
        if (tag_type := _TAG_TYPES.get(_without_prefix(name).lower().removeprefix("product_")))
    ]
    return FieldMapping(**single, attributes=attributes, attribute_prefixes=PREFIXES)


def _find(guesses: Sequence[str], names: Sequence[str]) -> str:
    by_lower = {name.lower(): name for name in sorted(names, reverse=True)}
    return next((by_lower[guess] for guess in guesses if guess in by_lower), "")


def _without_prefix(name: str) -> str:
    prefix = next((p for p in PREFIXES if name.startswith(p)), "")
    return name[len(prefix) :] or name
