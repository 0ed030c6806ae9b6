"""Queries for which nothing relevant exists: a gap in the assortment, and no loss of the search."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from sq.v1.report_pb2 import ClassItem, Estimate, FailureClass, FailureKind
from sq_report.market import Market
from sq_report.measures import State
from sq_report.scored import Scored
from sq_report.settings import Settings

CLASS_ID = "NOT_SOLD"
_SHOWN = 20
_DOUBT = (
    "The baseline judge compares words. It does not recognise a product that the catalogue calls by another name, so "
    "some of these may be sold."
)


def not_sold(scored: Sequence[Scored], market: Market, name: str, settings: Settings) -> list[FailureClass]:
    """One class of all such queries, those of most traffic first; none where there is no such query."""
    members = [one for one in scored if one.measures.state is State.NOT_SOLD]
    if not members:
        return []
    by_traffic = sorted(members, key=lambda one: (-one.data.traffic_share, one.data.query_id))
    share = fsum(one.data.traffic_share for one in members)
    return [
        FailureClass(
            class_id=CLASS_ID,
            kind=FailureKind.FAILURE_KIND_NOT_SOLD,
            market=name,
            loss=Estimate(),
            traffic_share=share,
            queries=len(members),
            headline=(
                f"Nothing of grade {settings.relevant_grade} or better was found for {len(members)} queries, in "
                f"{'results, known matches and probes' if market.probes else 'results and known matches'}."
            ),
            not_measurable=_DOUBT if all(judge.startswith("baseline/") for judge in market.judges) else "",
            items=[
                ClassItem(item=one.data.query.text, queries=1, gain=one.data.traffic_share)
                for one in by_traffic[:_SHOWN]
            ],
        )
    ]
