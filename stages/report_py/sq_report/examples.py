"""Queries that show what a failure class looks like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sq.v1.product_pb2 import Product
from sq.v1.report_pb2 import ExampleHit, FailureExample
from sq_report.causes import Cause
from sq_report.market import Market, QueryData
from sq_report.segments import Scored
from sq_report.settings import Settings

_HITS = 5


def examples(
    market: Market, scored: Sequence[Scored], causes: Mapping[int, Cause], settings: Settings
) -> dict[str, list[FailureExample]]:
    """By class id, the queries of a class that lose most, with their first hits."""
    by_class: dict[str, list[Scored]] = {}
    for number, cause in causes.items():
        by_class.setdefault(cause.class_id, []).append(scored[number])
    return {
        class_id: [
            _example(market, one)
            for one in sorted(members, key=lambda m: (-_loss(m), m.data.query_id))[: settings.examples]
        ]
        for class_id, members in by_class.items()
    }


def _loss(one: Scored) -> float:
    return one.data.traffic_share * one.measures.miss


def _example(market: Market, one: Scored) -> FailureExample:
    query = one.data.query
    return FailureExample(
        query_id=query.query_id,
        source_text=query.source_text,
        text=query.text,
        loss=_loss(one),
        hits=_hits(market.products, one.data),
    )


def _hits(products: Mapping[tuple[str, str], Product], data: QueryData) -> list[ExampleHit]:
    shown = []
    for hit in (data.hits or [])[:_HITS]:
        product_id = hit.product.product_id
        product = products.get((product_id, hit.product.content_hash), Product())
        judgment = data.judgments.get(product_id)
        shown.append(
            ExampleHit(
                rank=hit.rank,
                product_id=product_id,
                title=product.title,
                image_uri=product.image_uri,
                grade=judgment.grade if judgment else 0,
                judged=judgment is not None,
                reasons=judgment.reasons if judgment else [],
            )
        )
    return shown
