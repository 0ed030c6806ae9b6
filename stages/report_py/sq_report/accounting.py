"""Nothing is dropped in silence: what each stage made has to add up to what it was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sq.v1.judgment_pb2 import JudgingSummary
from sq.v1.query_pb2 import PROBE_FORM_KNOWN_ITEM, QueryLogSummary
from sq.v1.report_pb2 import Accounting
from sq_report.market import Answer, QueryData
from sq_stagekit import InputError

_NAMED = 5


@dataclass
class Counts:
    """Records as they were read.

    Attributes:
        judging: how deep the judge was to go.
    """

    summary: QueryLogSummary
    queries: Sequence[QueryData]
    query_failures: int
    judging: JudgingSummary
    probes: Sequence[Answer] = ()


def account(counts: Counts) -> Accounting:
    """The sums of all stages.

    Raises:
        InputError: a sum does not hold; it names the sum and what is missing.
    """
    judgments = sum(len(data.judgments) for data in counts.queries)
    failed = sum(len(data.failed_pairs) for data in counts.queries)
    missing = list(_missing_pairs(counts))
    accounting = Accounting(
        queries_chosen=counts.summary.queries + counts.summary.failures,
        queries_made=len(counts.queries),
        query_failures=counts.query_failures,
        results=sum(data.hits is not None for data in counts.queries),
        retrieval_failures=sum(data.failure is not None for data in counts.queries),
        pairs=judgments + failed + len(missing),
        judgments=judgments,
        judge_failures=failed,
    )
    unanswered = [data.query_id for data in [*counts.queries, *counts.probes] if not data.answered]
    _check("queries", "queries chosen", accounting.queries_chosen, "made", len(counts.queries),
           "failures", counts.query_failures)  # fmt: skip
    asked = len(counts.queries) + len(counts.probes)
    answers = sum(data.hits is not None for data in [*counts.queries, *counts.probes])
    _check("retrieval", "queries and probes made", asked, "results", answers,
           "retrieval failures", asked - answers - len(unanswered), unanswered)  # fmt: skip
    _check("judgments", "pairs", accounting.pairs, "judgments", judgments, "judge failures", failed, missing)
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


def _missing_pairs(counts: Counts) -> Iterator[str]:
    """Pairs that were to be judged and are neither judged nor failed, as "query/product"."""
    wanted = {data.query_id: dict.fromkeys(_to_judge(data, counts.judging)) for data in counts.queries}
    for probe in counts.probes:
        if probe.query.probe.form != PROBE_FORM_KNOWN_ITEM:
            wanted[probe.query.probe.probe_of] |= dict.fromkeys(probe.products(counts.judging.probe_depth or None))
    for data in counts.queries:
        for product in wanted[data.query_id]:
            if product not in data.judgments and product not in data.failed_pairs:
                yield f"{data.query_id}/{product}"


def _to_judge(data: QueryData, judging: JudgingSummary) -> list[str]:
    pool = judging.pool_depth if judging.HasField("pool_depth") else None
    known = [match.product_id for match in data.query.known_matches[:pool]]
    return [*data.products(judging.depth or None), *known]
