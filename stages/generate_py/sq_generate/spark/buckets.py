"""Finds the bucket of a level in which a place lies. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from sq_generate.engine import Place


def in_buckets(
    places: Sequence[Place], sizes: Sequence[tuple[int, int, str, int]]
) -> list[tuple[int, int, int, str, int]]:
    """(number in the list, stratum, searches, bucket, place in the bucket) of each place.

    Args:
        sizes: (stratum, searches, bucket, queries) of each bucket, in any order.
    """
    buckets = {
        level: [(bucket, size) for _, _, bucket, size in group]
        for level, group in groupby(sorted(sizes), key=lambda row: row[:2])
    }
    return [
        (number, place.stratum, place.searches, *_bucket(place.number, buckets[place.stratum, place.searches]))
        for number, place in enumerate(places)
    ]


def _bucket(place: int, buckets: Sequence[tuple[str, int]]) -> tuple[str, int]:
    for bucket, size in buckets:
        if place < size:
            return bucket, place
        place -= size
    raise ValueError("the place is after the last query of its level")
