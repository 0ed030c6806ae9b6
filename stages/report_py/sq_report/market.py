"""Everything the report knows of one market, joined by query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sq.v1.judgment_pb2 import Guideline, JudgeTrust, JudgingSummary
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import PROBE_FORM_KNOWN_ITEM, Query, QueryFailure, QueryLogSummary, Segment
from sq.v1.report_pb2 import Accounting
from sq.v1.retrieval_pb2 import RetrievalFailure
from sq.v1.tag_difference_pb2 import TagDifference
from sq_report.held import Found, ProductKey, Verdict


@dataclass
class Answer:
    """What the engine answered to one query or probe.

    Attributes:
        hits: the results, best first; None where retrieval failed.
        total_hits: products that match, as the engine says.
        complete: whether the results are all that matches.
    """

    query: Query
    hits: list[Found] | None = None
    total_hits: int = 0
    complete: bool = False
    failure: RetrievalFailure | None = None

    @property
    def query_id(self) -> str:
        return self.query.query_id

    @property
    def answered(self) -> bool:
        return self.hits is not None or self.failure is not None

    def products(self, k: int | None = None) -> list[str]:
        """Ids of the first k results in rank order; of all where k is None."""
        return [hit.product.product_id for hit in (self.hits or [])[:k]]


@dataclass(kw_only=True)
class QueryData(Answer):
    """One query with what the stages made of it.

    Attributes:
        traffic_share: share of the market's traffic it stands for, 0..1.
        judgments: by product id; those of known matches and of probes' results among them.
        failed_pairs: products that could not be judged.
        guideline: what its judge was told about it; None for nothing.
    """

    traffic_share: float
    judgments: dict[str, Verdict] = field(default_factory=dict)
    failed_pairs: set[str] = field(default_factory=set)
    difference: TagDifference | None = None
    guideline: Guideline | None = None

    def judged_hits(self, k: int) -> list[Verdict]:
        """Judgments of the first k results in rank order; unjudged results are left out."""
        return [self.judgments[product] for product in self.products(k) if product in self.judgments]


@dataclass(frozen=True)
class Market:
    """The artefacts of one market.

    Attributes:
        queries: in the order of the query set.
        probes: in the order of their query set; none where nothing was probed.
        products: by key.
        judging: how deep the judge was to go.
        known: known matches by key, with their names alone: title, brand and categories.
        trust: how far the judge can be relied on; empty if it gives no signs.
    """

    summary: QueryLogSummary
    segments: list[Segment]
    query_failures: list[QueryFailure]
    queries: list[QueryData]
    products: Mapping[ProductKey, Product]
    judges: list[str]
    accounting: Accounting
    probes: Sequence[Answer] = ()
    judging: JudgingSummary = field(default_factory=JudgingSummary)
    trust: JudgeTrust = field(default_factory=JudgeTrust)
    known: Mapping[ProductKey, Product] = field(default_factory=dict)

    def known_items(self) -> list[Answer]:
        """The answers to searches for known products."""
        return [
            probe for probe in self.probes if probe.query.probe.form == PROBE_FORM_KNOWN_ITEM and probe.hits is not None
        ]

    def matches_of(self, query: Query) -> list[Product]:
        """The names of a query's known matches."""
        keys = (ProductKey(ref.product_id, ref.content_hash) for ref in query.known_matches)
        return [self.known[key] for key in keys if key in self.known]
