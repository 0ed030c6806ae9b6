"""Turns a document of a shop into a Product. proto/cases/mapping.json holds Python and Go to the same rules."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal

import regex
import rfc8785

from sq.v1.product_pb2 import Attribute, Product
from sq.v1.source_pb2 import FieldMapping
from sq_handoff.product import seal

Document = dict[str, object]

# ASCII only: which other characters count as white space differs between programming languages.
_SPACE = " \t\n\v\f\r"
_NUMBER = regex.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_SINGLE_FIELDS = ("id", "title", "description", "brand", "category", "price", "image")


class NoIdError(ValueError):
    """A document whose id field is missing or empty."""


def to_product(document: Document, mapping: FieldMapping) -> Product:
    """The product of a document, its attributes sorted by name, its content hash set.

    Raises:
        NoIdError: the document has no id.
    """
    product_id = _first(document, mapping.id)
    if not product_id:
        raise NoIdError(mapping.id)
    return seal(
        Product(
            product_id=product_id,
            title=_first(document, mapping.title),
            description=_first(document, mapping.description),
            brand=_first(document, mapping.brand),
            categories=texts(document, mapping.category),
            attributes=_attributes(document, mapping),
            price=_price(document, mapping.price),
            image_uri=_first(document, mapping.image),
        )
    )


def texts(document: Document, path: str) -> list[str]:
    """All values of a field as texts, in order. Dots descend into objects, unless a field has the whole name."""
    return [text for value in _values(document, path) if (text := as_text(value))] if path else []


def value_at(document: Mapping[str, object], path: str) -> object:
    """The value of a field, or None: by the same rule as texts, but one that is a list or an object stays one."""
    if path in document:
        return document[path]
    found = _values(document, path) if "." in path else ()
    values = list(found)
    return values[0] if len(values) == 1 else values or None


def as_text(value: object) -> str:
    """A single value as text: numbers as in RFC 8785, but whole numbers with all their digits. "" for other types."""
    if isinstance(value, str):
        return value.strip(_SPACE)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        number = float(value)
        return rfc8785.dumps(number).decode() if math.isfinite(number) else ""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return ""


def leaves(document: Document) -> list[str]:
    """Names of all fields that are not objects, sorted, with dots between the levels."""
    return sorted(_leaves(document, ""))


def _leaves(document: Document, prefix: str) -> Iterator[str]:
    for name, value in document.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name


def _values(value: object, path: str) -> Iterator[object]:
    """The single values at a path of one object, with lists flattened."""
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path)
    elif not path:
        if not isinstance(value, dict):
            yield value
    elif isinstance(value, dict):
        if path in value:
            yield from _values(value[path], "")
        else:
            name, _, rest = path.partition(".")
            if rest and name in value:
                yield from _values(value[name], rest)


def has_field(value: object, path: str) -> bool:
    """Whether a document has a field, with or without a value. The path is as in `texts`."""
    if isinstance(value, list):
        return any(has_field(item, path) for item in value)
    if not isinstance(value, dict):
        return False
    if path in value:
        return True
    name, _, rest = path.partition(".")
    return bool(rest) and name in value and has_field(value[name], rest)


def _first(document: Document, path: str) -> str:
    return next(iter(texts(document, path)), "")


def _price(document: Document, path: str) -> float:
    text = _first(document, path)
    price = float(text) if _NUMBER.fullmatch(text) else 0.0
    return price if math.isfinite(price) else 0.0


def _attributes(document: Document, mapping: FieldMapping) -> list[Attribute]:
    attributes: dict[str, Attribute] = {}
    for item in mapping.attributes:
        _add(attributes, item.name or item.field, texts(document, item.field), item.tag_type)
    if mapping.attribute_prefixes:
        for name, rest in _prefixed(document, mapping):
            _add(attributes, rest, texts(document, name), "")
    return [attributes[name] for name in sorted(attributes)]


def _add(attributes: dict[str, Attribute], name: str, values: list[str], tag_type: str) -> None:
    if values and name not in attributes:
        attributes[name] = Attribute(name=name, values=values, tag_type=tag_type)


def _prefixed(document: Document, mapping: FieldMapping) -> Iterator[tuple[str, str]]:
    """(field, attribute name) of the fields that are attributes by their prefix alone."""
    named = {getattr(mapping, field) for field in _SINGLE_FIELDS} | {item.field for item in mapping.attributes}
    for name in leaves(document):
        prefix = next((p for p in mapping.attribute_prefixes if name.startswith(p)), None)
        if prefix is not None and name not in named and len(name) > len(prefix):
            yield name, name[len(prefix) :]
