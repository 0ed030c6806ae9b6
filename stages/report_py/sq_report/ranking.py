"""The order of failure classes."""

from __future__ import annotations

from collections.abc import Iterable

from sq.v1.report_pb2 import FailureClass, FailureKind

# Kinds that rest on searches for known products. Their gain is not measured.
BY_KNOWN_PRODUCTS = (FailureKind.FAILURE_KIND_UNSEARCHED_FIELD, FailureKind.FAILURE_KIND_MISSING_PRODUCTS)


def rank(classes: Iterable[FailureClass]) -> list[FailureClass]:
    """Copies with their rank from 1: claimed ones first, by what a repair wins back.

    A gain that the judge cannot contradict stands behind those that it can, and before what has no gain.

    The gain of a field that is not searched is not measured. Its place is that of the traffic that asks by its words,
    which is the most that it can lose. Products that the index lacks have the place of the traffic that is seen to ask
    for them.
    """
    ranked = []
    for position, item in enumerate(sorted(classes, key=_place), 1):
        copy = FailureClass()
        copy.CopyFrom(item)
        copy.rank = position
        ranked.append(copy)
    return ranked


def _tier(item: FailureClass) -> int:
    if not _worth(item):
        return 2
    return 1 if item.not_measurable else 0


def _worth(item: FailureClass) -> float:
    if item.kind in BY_KNOWN_PRODUCTS:
        return item.traffic_share
    return item.loss.value


def _place(item: FailureClass) -> tuple[bool, int, float, float, str, str]:
    return not item.claimed, _tier(item), -_worth(item), -item.traffic_share, item.market, item.class_id
