"""Queries that the endpoint did not answer, by its own reason."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from sq.v1.report_pb2 import ClassItem, Estimate, FailureClass, FailureKind
from sq.v1.retrieval_pb2 import RetrievalFailureReason
from sq_report.scored import Scored
from sq_text import count_of

_SHOWN = 10


def reason_of(one: Scored) -> str:
    """The reason's name, such as SERVER_ERROR."""
    return RetrievalFailureReason.Name(one.data.failure.reason).removeprefix("RETRIEVAL_FAILURE_REASON_")


def class_id_of(one: Scored) -> str:
    return f"RETRIEVAL_FAILED/{reason_of(one)}"


def retrieval_failed(counted: Sequence[Scored], market: str) -> list[FailureClass]:
    """One class a reason. It is a fact that needs no test; its queries lose all their traffic."""
    groups: dict[str, list[Scored]] = {}
    for one in counted:
        if one.measures.retrieval_failed:
            groups.setdefault(reason_of(one), []).append(one)
    return [_class(reason, members, market) for reason, members in sorted(groups.items())]


def _class(reason: str, members: Sequence[Scored], market: str) -> FailureClass:
    by_traffic = sorted(members, key=lambda one: (-one.data.traffic_share, one.data.query_id))
    share = fsum(one.data.traffic_share for one in members)
    first = by_traffic[0].data.failure
    what = reason.replace("_", " ").lower()
    status = f", status {first.http_status}" if first.http_status else ""
    said = f"; its own reason: “{first.detail.strip()}”" if first.detail.strip() else ""
    return FailureClass(
        class_id=f"RETRIEVAL_FAILED/{reason}",
        kind=FailureKind.FAILURE_KIND_RETRIEVAL_FAILED,
        value=reason,
        market=market,
        loss=Estimate(value=share, queries=len(members)),
        traffic_share=share,
        queries=len(members),
        claimed=True,
        headline=(f"The search engine did not answer {count_of(len(members))} ({what}{status}){said}."),
        items=[
            ClassItem(item=one.data.query.text, queries=1, gain=one.data.traffic_share) for one in by_traffic[:_SHOWN]
        ],
    )
