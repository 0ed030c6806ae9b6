"""Compares a product with a tag of a query."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from sq_evidence.product import ProductText, Value
from sq_evidence.vocabulary import Vocabulary

# Descriptions mention other products ("goes well with black trousers"), so only the title counts for these types.
_TITLE_ONLY = frozenset({"BRAND", "CATEGORY"})


class Evidence(Enum):
    """What a product says about a tag."""

    # The product has the value.
    MATCHING = "matching"
    # The product has another value.
    DIFFERING = "differing"
    # The product has no value of the tag type.
    MISSING = "missing"
    # Text and attribute contradict each other, and one of them has the value asked for.
    CONFLICTING = "conflicting"


def weigh(kind: str, wanted: Value, product: ProductText, vocabulary: Vocabulary) -> Evidence:
    """Compares a product with a tag.

    Attributes decide. The text decides only if no product of the vocabulary has an attribute with this tag type. A text
    contradicts the attributes if it mentions values of the tag type, and none of them is in the attributes.

    Args:
        kind: tag type.
        wanted: lemmas of the tag's value.
    """
    mentioned = _mentioned(kind, product, vocabulary)
    values = product.values.get(kind)
    if values:
        matches = _any_match(kind, wanted, values, vocabulary)
        contradicted = mentioned and not any(_overlap(one, other) for one in mentioned for other in values)
        if contradicted and (matches or _any_match(kind, wanted, mentioned, vocabulary)):
            return Evidence.CONFLICTING
        return Evidence.MATCHING if matches else Evidence.DIFFERING
    if not vocabulary.has_type(kind) and _within(wanted, product.title):
        return Evidence.MATCHING
    if mentioned and not _any_match(kind, wanted, mentioned, vocabulary):
        return Evidence.DIFFERING
    return Evidence.MISSING


def _mentioned(kind: str, product: ProductText, vocabulary: Vocabulary) -> frozenset[Value]:
    """Values of the tag type that the title mentions; if none, those of the description."""
    title = product.title
    if kind != "BRAND" and product.brand and title[: len(product.brand)] == product.brand:
        # "Red Wing" says nothing about colour.
        title = title[len(product.brand) :]
    mentioned = vocabulary.mentions(kind, title)
    if mentioned or kind in _TITLE_ONLY:
        return mentioned
    return vocabulary.mentions(kind, product.description)


def _any_match(kind: str, wanted: Value, values: Iterable[Value], vocabulary: Vocabulary) -> bool:
    return any(_matches(kind, wanted, value, vocabulary) for value in values)


def _matches(kind: str, wanted: Value, value: Value, vocabulary: Vocabulary) -> bool:
    """Navy blue is blue. A shirt dress is not a shirt; a polo shirt is one only if no category is called shirt."""
    if wanted == value:
        return True
    if kind == "CATEGORY":
        return not vocabulary.has(kind, wanted) and value[-len(wanted) :] == wanted
    return _within(wanted, value)


def _overlap(one: Value, other: Value) -> bool:
    return _within(one, other) or _within(other, one)


def _within(part: Value, whole: Value) -> bool:
    """Whether `whole` contains the words of `part`, in order and adjacent."""
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))
