"""Results of a query as a reader sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sq.v1.product_pb2 import Product
from sq.v1.report_pb2 import ExampleHit
from sq_report.held import ProductKey
from sq_report.market import QueryData
from sq_report.surface import as_typed, typed_reasons

_HITS = 5


def example_hits(
    products: Mapping[ProductKey, Product], keys: Sequence[ProductKey], data: QueryData
) -> list[ExampleHit]:
    """The first products of a ranking, with their grades for the query."""
    shown, typed = [], as_typed(data.query)
    for rank, key in enumerate(keys[:_HITS], 1):
        product = products.get(key, Product())
        judgment = data.judgments.get(key.product_id)
        shown.append(
            ExampleHit(
                rank=rank,
                product_id=key.product_id,
                title=product.title,
                image_uri=product.image_uri,
                grade=judgment.grade if judgment else 0,
                judged=judgment is not None,
                reasons=typed_reasons(judgment.reasons, typed) if judgment else [],
            )
        )
    return shown
