"""The fixed rule from facets to a grade, and what "right for the right reason" means. docs/measures.md has both."""

from __future__ import annotations

from collections.abc import Sequence

from sq.v1.judgment_pb2 import (
    FACET_VERDICT_CONTRADICTS,
    FACET_VERDICT_NO,
    FACET_VERDICT_NOT_STATED,
    FACET_VERDICT_YES,
    REASON_CODE_ACCESSORY,
    REASON_CODE_ATTRIBUTE_CONFLICT,
    REASON_CODE_OFF_TOPIC,
    REASON_CODE_TAG_MISMATCH,
    REASON_CODE_TAG_MISSING,
    Facet,
    Reason,
)

# Tag types that say what kind of thing is asked for. "" is the kind of thing of the whole query.
_KIND = ("", "CATEGORY")
_BRAND = "BRAND"
_CODES = {
    FACET_VERDICT_NO: REASON_CODE_TAG_MISMATCH,
    FACET_VERDICT_CONTRADICTS: REASON_CODE_ATTRIBUTE_CONFLICT,
    FACET_VERDICT_NOT_STATED: REASON_CODE_TAG_MISSING,
}
_WORST_FIRST = (FACET_VERDICT_NO, FACET_VERDICT_CONTRADICTS, FACET_VERDICT_NOT_STATED, FACET_VERDICT_YES)
# Quotes that a verdict needs. A contradiction has two sides.
_QUOTES = {FACET_VERDICT_YES: 1, FACET_VERDICT_NO: 1, FACET_VERDICT_CONTRADICTS: 2, FACET_VERDICT_NOT_STATED: 0}


def grade(facets: Sequence[Facet], *, accessory: bool) -> tuple[int, tuple[Reason, ...]]:
    """The grade, and why it is not 4. The kind of thing comes first, then the brand, then the others by number.

        0  another kind of thing, or an accessory
        1  another brand, or two facets that are wrong or contradictory
        2  one such facet, or two that are not stated
        3  one facet that is not stated
        4  every facet is there

    The facet of the whole query and tags of CATEGORY are one facet here: that of the worst verdict.

    Args:
        facets: with their verdicts; that of the whole query is among them.
        accessory: it is an accessory, part or consumable of what was asked for.
    """
    kind = min((facet.verdict for facet in facets if facet.tag_type in _KIND), key=_WORST_FIRST.index)
    reasons = [Reason(code=REASON_CODE_ACCESSORY)] if accessory else []
    if kind == FACET_VERDICT_NO and not accessory:
        reasons.append(Reason(code=REASON_CODE_OFF_TOPIC))
    reasons += _short(facets, whole_query=kind != FACET_VERDICT_NO)
    if accessory or kind == FACET_VERDICT_NO:
        return 0, tuple(reasons)
    verdicts = [kind, *(facet.verdict for facet in facets if facet.tag_type not in _KIND)]
    wrong = sum(verdict in (FACET_VERDICT_NO, FACET_VERDICT_CONTRADICTS) for verdict in verdicts)
    missing = verdicts.count(FACET_VERDICT_NOT_STATED)
    other_brand = any(facet.tag_type == _BRAND and facet.verdict == FACET_VERDICT_NO for facet in facets)
    if other_brand or wrong > 1:
        return 1, tuple(reasons)
    if wrong or missing > 1:
        return 2, tuple(reasons)
    return (3 if missing else 4), tuple(reasons)


def _short(facets: Sequence[Facet], *, whole_query: bool) -> list[Reason]:
    """A reason for each facet that is not yes. OFF_TOPIC or ACCESSORY stand for that of the whole query."""
    return [
        Reason(code=_CODES[facet.verdict], tag_type=facet.tag_type, value=facet.value)
        for facet in facets
        if facet.verdict in _CODES and (facet.tag_type or whole_query)
    ]


def is_supported(facets: Sequence[Facet]) -> bool:
    """Right for the right reason: each facet has the quotes that it needs, and all stand in the product."""
    return all(
        len(facet.quotes) >= _QUOTES[facet.verdict] and all(quote.found for quote in facet.quotes) for facet in facets
    )
