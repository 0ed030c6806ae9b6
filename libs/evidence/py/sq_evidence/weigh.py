"""How one product answers one tag of a query."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from sq_evidence.product import ProductText, Value
from sq_evidence.vocabulary import Vocabulary

# Descriptions speak of other products ("goes well with black trousers"): for these types the title alone counts.
_TITLE_ONLY = frozenset({"BRAND", "CATEGORY"})


class Evidence(Enum):
    MATCHING = "matching"
    # The product states another value.
    DIFFERING = "differing"
    # The product's attributes state nothing, though other products' do.
    MISSING = "missing"
    # Title or description says one thing, the attribute another, and one of them is the value asked for.
    CONFLICTING = "conflicting"


def weigh(kind: str, wanted: Value, product: ProductText, vocabulary: Vocabulary) -> Evidence:
    """Holds one tag (its type and the lemmas of its value) against one product.

    Attributes decide; the text decides only for tag types that no product of the vocabulary states in an
    attribute. A text contradicts the attributes when it names values of the type and none of those stated.
    """
    said = _said(kind, product, vocabulary)
    stated = product.stated.get(kind)
    if stated:
        holds = _any_match(kind, wanted, stated, vocabulary)
        contradicted = said and not any(_overlap(one, other) for one in said for other in stated)
        if contradicted and (holds or _any_match(kind, wanted, said, vocabulary)):
            return Evidence.CONFLICTING
        return Evidence.MATCHING if holds else Evidence.DIFFERING
    if not vocabulary.has_type(kind) and _within(wanted, product.title):
        return Evidence.MATCHING
    if said and not _any_match(kind, wanted, said, vocabulary):
        return Evidence.DIFFERING
    return Evidence.MISSING


def _said(kind: str, product: ProductText, vocabulary: Vocabulary) -> frozenset[Value]:
    title = product.title
    if kind != "BRAND" and product.brand and title[: len(product.brand)] == product.brand:
        # "Red Wing" says nothing about colour.
        title = title[len(product.brand) :]
    said = vocabulary.mentions(kind, title)
    if said or kind in _TITLE_ONLY:
        return said
    return vocabulary.mentions(kind, product.description)


def _any_match(kind: str, wanted: Value, values: Iterable[Value], vocabulary: Vocabulary) -> bool:
    return any(_matches(kind, wanted, value, vocabulary) for value in values)


def _matches(kind: str, wanted: Value, value: Value, vocabulary: Vocabulary) -> bool:
    """Navy blue is blue; but a shirt dress is no shirt, and a polo shirt only where no category is called shirt."""
    if wanted == value:
        return True
    if kind == "CATEGORY":
        return not vocabulary.has(kind, wanted) and value[-len(wanted) :] == wanted
    return _within(wanted, value)


def _overlap(one: Value, other: Value) -> bool:
    return _within(one, other) or _within(other, one)


def _within(part: Value, whole: Value) -> bool:
    """Whether part stands in whole, its words in order and side by side."""
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))
