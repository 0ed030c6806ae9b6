"""Translates tag values of the source catalogue into those of the market's catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sq.v1.tag_pb2 import Tag
from sq_generate.catalogue_tables import StatedValue, ValuePair
from sq_text import canonical

# Sørensen-Dice, 0..1. Below it, two values share products only because both are frequent.
_LEAST_DICE = 0.25

ValueMap = Mapping[tuple[str, str], str]


def learn_values(pairs: Iterable[ValuePair]) -> dict[tuple[str, str], str]:
    """By (tag type, source value): the market value that shares most products with it.

    The measure is Sørensen-Dice, 2 both / (source + market). The same spelling wins a tie, then the smaller value.
    """
    best: dict[tuple[str, str], tuple] = {}
    for pair in pairs:
        dice = 2 * pair.both / (pair.source + pair.market)
        if dice < _LEAST_DICE:
            continue
        rank = (-dice, pair.market_value != pair.source_value, pair.market_value)
        key = (pair.tag_type, pair.source_value)
        if key not in best or rank < best[key]:
            best[key] = rank
    return {key: rank[-1] for key, rank in best.items()}


def same_spelling(values: Iterable[StatedValue], language: str) -> dict[tuple[str, str], str]:
    """By (tag type, value in lemmas of `language`): the market's own value. The smallest of several wins.

    For a market whose catalogue serves both languages.
    """
    mapped: dict[tuple[str, str], str] = {}
    for stated in values:
        key = (stated.tag_type, canonical(stated.raw, language))
        if key[1] and (key not in mapped or stated.value < mapped[key]):
            mapped[key] = stated.value
    return mapped


def intended_tags(source_tags: Iterable[Tag], values: ValueMap) -> list[Tag]:
    """The source's tags with the market's values. A value without a known translation stays."""
    return [
        Tag(
            type=tag.type,
            value=values.get((tag.type, tag.value), tag.value),
            surface=tag.surface,
            start=tag.start,
            end=tag.end,
        )
        for tag in source_tags
    ]
