"""Everything the report knows of one market, joined by query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sq.v1.judgment_pb2 import Judgment
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query, QueryFailure, QueryLogSummary, Segment
from sq.v1.report_pb2 import Accounting
from sq.v1.retrieval_pb2 import Hit, RetrievalFailure
from sq.v1.tag_difference_pb2 import TagDifference


@dataclass
class QueryData:
    """One query with what the stages made of it.

    Attributes:
        traffic_share: share of the market's traffic it stands for, 0..1.
        hits: the engine's results, best first; None where retrieval failed.
        judgments: by product id, pool-only ones among them.
    """

    query: Query
    traffic_share: float
    hits: list[Hit] | None = None
    failure: RetrievalFailure | None = None
    judgments: dict[str, Judgment] = field(default_factory=dict)
    difference: TagDifference | None = None

    @property
    def query_id(self) -> str:
        return self.query.query_id

    def judged_hits(self, k: int) -> list[Judgment]:
        """Judgments of the first k results in rank order; unjudged results are left out."""
        hits = (self.hits or [])[:k]
        return [self.judgments[hit.product.product_id] for hit in hits if hit.product.product_id in self.judgments]


@dataclass(frozen=True)
class Market:
    """The artefacts of one market.

    Attributes:
        queries: in the order of the query set.
        products: by (product id, content hash).
    """

    summary: QueryLogSummary
    segments: list[Segment]
    query_failures: list[QueryFailure]
    queries: list[QueryData]
    products: Mapping[tuple[str, str], Product]
    judges: list[str]
    accounting: Accounting
