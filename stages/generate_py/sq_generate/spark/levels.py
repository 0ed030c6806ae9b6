"""Finds the level, a number of searches, in which a rank lies. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """A number of searches, and how many texts have it."""

    searches: int
    texts: int


def find_level(levels: Sequence[Level], thirds: int) -> tuple[int, int]:
    """The level in which the first `thirds` of all searches end, and how many of its texts begin before that.

    Args:
        levels: most searches first.
    """
    total = sum(level.searches * level.texts for level in levels)
    before = 0
    for level in levels:
        # Text i begins at before + i * searches, and is inside where three times that is less than thirds * total.
        inside = -(-(thirds * total - 3 * before) // (3 * level.searches))
        if inside < level.texts:
            return level.searches, max(inside, 0)
        before += level.searches * level.texts
    return 0, 0
