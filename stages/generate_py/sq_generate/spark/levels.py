"""In which number of searches a place in the ranking lies. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """How many texts have this number of searches."""

    searches: int
    texts: int


def find_level(levels: Sequence[Level], thirds: int) -> tuple[int, int]:
    """(searches, how many of the texts with as many begin within the first `thirds` of all searches).

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
