"""Cuts a product's name into the parts that can name a thing: without model numbers, sizes and what follows "for"."""

from __future__ import annotations

import regex

_CUT = regex.compile(
    r"[,;()/|+:\u2013\u2014]| - |\b(?:for|für|with|mit|w/|incl\w*|inkl\w*|compatible|passend|series)\b",
    regex.IGNORECASE,
)
_EDGES = ".\"'!?*"
# A part of more words is mostly marketing: its end names the thing.
_LONGEST = 3


def name_parts(text: str, brand: str) -> list[list[str]]:
    """The parts of a title or of a description's first phrase, each as its words, without a leading brand.

    A word with a digit, and one of a single character, ends a part.
    """
    if brand and text.lower().startswith(brand.lower()):
        text = text[len(brand) :]
    parts: list[list[str]] = []
    for piece in _CUT.split(text):
        open_part: list[str] = []
        for word in (raw.strip(_EDGES) for raw in piece.split()):
            if len(word) > 1 and not any(character.isdigit() for character in word):
                open_part.append(word)
            elif word and open_part:
                parts.append(open_part)
                open_part = []
        if open_part:
            parts.append(open_part)
    return parts


def short_names(parts: list[list[str]]) -> list[str]:
    """The last words of each part, as texts to embed."""
    return [" ".join(part[-_LONGEST:]) for part in parts]
