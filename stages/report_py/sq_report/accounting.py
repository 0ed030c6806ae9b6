"""Nothing is dropped in silence: what each stage made has to add up to what it was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sq.v1.query_pb2 import QueryLogSummary
from sq.v1.report_pb2 import Accounting
from sq_report.market import QueryData
from sq_stagekit import InputError

_NAMED = 5


@dataclass
class Counts:
    """Records as they were read.

    Attributes:
        failed_pairs: (query id, product id) of the judge's failures.
    """

    summary: QueryLogSummary
    queries: Sequence[QueryData]
    query_failures: int
    judgments: int
    judge_failures: int
    failed_pairs: set[tuple[str, str]] = field(default_factory=set)


def account(counts: Counts) -> Accounting:
    """The sums of all stages.

    Raises:
        InputError: a sum does not hold; it names the sum and what is missing.
    """
    results = sum(data.hits is not None for data in counts.queries)
    failures = sum(data.failure is not None for data in counts.queries)
    accounting = Accounting(
        queries_chosen=counts.summary.queries + counts.summary.failures,
        queries_made=len(counts.queries),
        query_failures=counts.query_failures,
        results=results,
        retrieval_failures=failures,
        pairs=_pairs(counts),
        judgments=counts.judgments,
        judge_failures=counts.judge_failures,
    )
    unanswered = [data.query_id for data in counts.queries if data.hits is None and data.failure is None]
    _check("queries", "queries chosen", accounting.queries_chosen, "made", len(counts.queries),
           "failures", counts.query_failures)  # fmt: skip
    _check("retrieval", "queries made", len(counts.queries), "results", results,
           "retrieval failures", failures, unanswered)  # fmt: skip
    _check("judgments", "pairs", accounting.pairs, "judgments", counts.judgments,
           "judge failures", counts.judge_failures, _unjudged(counts))  # fmt: skip
    return accounting


def _check(
    source: str, whole: str, total: int, one: str, first: int, other: str, second: int, missing: Sequence[str] = ()
) -> None:
    if total == first + second:
        return
    named = f" (missing: {', '.join(missing[:_NAMED])}{', …' if len(missing) > _NAMED else ''})" if missing else ""
    raise InputError(
        source,
        f"{whole} {total} is not {one} {first} + {other} {second}{named}",
        "give every shard of one run, each once, and run the stage before again where that does not help",
    )


def _pairs(counts: Counts) -> int:
    """Distinct pairs that are answered, and results above the judge's depth that should be."""
    judged = {(data.query_id, product) for data in counts.queries for product in data.judgments}
    return len(judged | counts.failed_pairs) + len(_unjudged(counts))


def _unjudged(counts: Counts) -> list[str]:
    """Results neither judged nor failed although they stand as high as others that are, as "query/product".

    How deep the judge went is read from the judgments themselves: no less than the longest unbroken run of
    answered results of any query, down to its last result that is not judged as a known match anyway.
    """
    depth = max((_answered_depth(data, counts.failed_pairs) for data in counts.queries), default=0)
    return [
        f"{data.query_id}/{product}"
        for data in counts.queries
        for product in _products(data)[:depth]
        if not _answered(data, product, counts.failed_pairs)
    ]


def _products(data: QueryData) -> list[str]:
    return [hit.product.product_id for hit in data.hits or []]


def _answered(data: QueryData, product: str, failed: set[tuple[str, str]]) -> bool:
    return product in data.judgments or (data.query_id, product) in failed


def _answered_depth(data: QueryData, failed: set[tuple[str, str]]) -> int:
    known = {match.product_id for match in data.query.known_matches}
    depth = 0
    for rank, product in enumerate(_products(data), 1):
        if not _answered(data, product, failed):
            break
        if product not in known:
            depth = rank
    return depth
