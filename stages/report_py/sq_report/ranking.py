"""The order of failure classes."""

from __future__ import annotations

from collections.abc import Iterable

from sq.v1.report_pb2 import FailureClass


def rank(classes: Iterable[FailureClass]) -> list[FailureClass]:
    """Copies with their rank from 1: claimed classes first, then by what a repair wins back, then by traffic."""
    ranked = []
    for position, item in enumerate(sorted(classes, key=_place), 1):
        copy = FailureClass()
        copy.CopyFrom(item)
        copy.rank = position
        ranked.append(copy)
    return ranked


def _place(item: FailureClass) -> tuple[bool, float, float, str, str]:
    return not item.claimed, -item.loss.value, -item.traffic_share, item.market, item.class_id
