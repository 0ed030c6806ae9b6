"""The stage: reads queries and results, and writes one record for each pair."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq.v1.judgment_pb2 import (
    JUDGE_FAILURE_REASON_BUDGET,
    JUDGE_FAILURE_REASON_PRODUCT_NOT_FOUND,
    JUDGE_FAILURE_REASON_UNAVAILABLE,
    Guideline,
    JudgeFailure,
    JudgingRecord,
    JudgingSummary,
    Judgment,
)
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query, QuerySetRecord
from sq.v1.retrieval_pb2 import RetrievalRecord
from sq_evaluate.failed_pairs import FailedPairs
from sq_evaluate.judge import Case, Judge, Outcome
from sq_evaluate.judges import make_judge
from sq_evaluate.pairs import Depths, Pair, Rated, all_pairs, none_rated
from sq_evaluate.products import FirstOf, FromCatalogue, FromRecords, ProductSource
from sq_evaluate.trust import Trust
from sq_source import read_catalogue
from sq_stagekit import Work
from sq_stagekit.spending import nothing_bought

# Reasons for failures that a later run may not have.
_PASSING = {JUDGE_FAILURE_REASON_UNAVAILABLE: "UNAVAILABLE", JUDGE_FAILURE_REASON_BUDGET: "BUDGET"}
# Results of a probe that are judged: those that a report's measures look at.
PROBE_DEPTH = 10


@dataclass(frozen=True)
class Planned:
    """The pairs of one query, each with its product, or None if the product was not found."""

    query: Query
    pairs: list[Pair]
    products: list[Product | None]

    @property
    def case(self) -> Case:
        return Case(self.query, tuple(product for product in self.products if product is not None))


def run(work: Work) -> None:
    """Judges every pair of the given retrieval and writes one record for each.

    Raises:
        InputError: the configuration or an input is wrong, too many pairs cannot be judged, or the budget ended before
            the first judgment.
        TryAgainError: the judge's service or a store does not answer.
    """
    with work.phase("read"):
        queries, pool = read_queries(chain.from_iterable(work.inputs["queries"]))
        prior, guidelines = read_prior(chain.from_iterable(work.inputs["prior"]))
        depths, judge = depths_of(work.config), make_judge(work)
        judge.check(queries.values())
        if not prior:
            judge.survey(queries.values())
        judge.remember(guidelines)
        # Only a catalogue has the records of products that were rated but not retrieved.
        rated = judge.rated if work.config.HasField("catalogue") and depths.pool != 0 else none_rated
        reader = _RetrievalReader(work, queries, depths, rated, prior)
        results, total = reader.products()
        judge.learn([*pool, *results], _language(queries))
    work.write(JudgingRecord(summary=_summary(depths, prior)))
    plans = reader.plans(results, FirstOf(results, pool))
    trust = Trust()
    with work.phase("judge"):
        counts = _write_all(work, trust.watch(judged(judge, plans)), total, judge)
        # Probes only add to what is judged.
        if not prior and not counts["judgment"]:
            _refuse_budget(work)
    if found := trust.record(judge.canaries()):
        work.write(JudgingRecord(trust=found))
    work.log.info("judged", extra={"judge": judge.name, "queries": total, **counts})


def _write_all(work: Work, of_queries: Iterable[list[Outcome]], total: int, judge: Judge) -> Counter[str]:
    """Writes every outcome, after the guideline of its query, and counts them by kind."""
    counts: Counter[str] = Counter()
    failed = FailedPairs(work, work.config.WhichOneof("judge"))
    for done, outcomes in enumerate(of_queries, start=1):
        work.check_stop()
        if outcomes and (guideline := judge.guideline(outcomes[0].query_id)):
            counts["guideline"] += 1
            work.write(JudgingRecord(guideline=guideline))
        for outcome in outcomes:
            failed.add(outcome)
            record = as_record(outcome)
            counts[record.WhichOneof("record")] += 1
            work.write(record)
            if record.failure.reason in _PASSING:
                work.unfinished[_PASSING[record.failure.reason]] += 1
        work.progress(done, total, unit="queries")
    failed.end()
    return counts


def _refuse_budget(work: Work) -> None:
    """Raises InputError if no pair is judged because the budget is too small: a market without figures is no result."""
    if work.spending and (pairs := work.unfinished["BUDGET"]):
        raise nothing_bought(
            "budget", f"none of {pairs} pairs is judged", work.spending.usage(), work.spending.enough()
        )


def depths_of(config: EvaluateConfig) -> Depths:
    pool = config.pool_depth if config.HasField("pool_depth") else None
    return Depths(results=config.depth or None, pool=pool, probe=config.probe_depth or PROBE_DEPTH)


def read_prior(records: Iterable[JudgingRecord]) -> tuple[dict[str, set[str]], list[Guideline]]:
    """Products asked about before, by query id; and the guidelines of queries.

    Those that could not be judged are among them: the next run of that work asks for them, so nobody pays twice.
    """
    prior: dict[str, set[str]] = {}
    guidelines: list[Guideline] = []
    for record in records:
        kind = record.WhichOneof("record")
        if kind in ("judgment", "failure"):
            pair = getattr(record, kind)
            prior.setdefault(pair.query_id, set()).add(pair.product_id)
        elif kind == "guideline":
            guidelines.append(record.guideline)
    return prior, guidelines


def _summary(depths: Depths, prior: Mapping[str, set[str]]) -> JudgingSummary:
    return JudgingSummary(
        depth=depths.results or 0,
        pool_depth=depths.pool,
        probe_depth=depths.probe or 0,
        prior_pairs=sum(len(products) for products in prior.values()),
    )


def read_queries(records: Iterable[QuerySetRecord]) -> tuple[dict[str, Query], FromRecords]:
    """The queries by id, and the products of their known matches."""
    queries: dict[str, Query] = {}
    products = FromRecords()
    for record in records:
        if record.HasField("product"):
            products.add(record.product)
        for query in record.segment.queries:
            queries[query.query_id] = query
    return queries, products


def judged(judge: Judge, plans: Iterable[Planned]) -> Iterator[list[Outcome]]:
    """The outcomes of all pairs of each query, in the order of the plans."""
    waiting: deque[Planned] = deque()

    def cases() -> Iterator[Case]:
        for plan in plans:
            waiting.append(plan)
            yield plan.case

    for outcomes in judge.judge_all(cases()):
        plan = waiting.popleft()
        yield merge(judge, plan, outcomes)


def merge(judge: Judge, plan: Planned, outcomes: list[Outcome]) -> list[Outcome]:
    """Merges the judge's outcomes with failures for the pairs without a product, in the order of the pairs.

    Raises:
        RuntimeError: the judge did not give one outcome for each product, in order.
    """
    asked = [product.product_id for product in plan.case.products]
    if [outcome.product_id for outcome in outcomes] != asked:
        raise RuntimeError(f"{judge.name} gave {len(outcomes)} outcomes for {len(asked)} products, or in another order")
    answers = iter(outcomes)
    merged: list[Outcome] = []
    for pair, product in zip(plan.pairs, plan.products, strict=True):
        if product is None:
            merged.append(
                judge.failure(plan.query.query_id, pair.product.product_id, JUDGE_FAILURE_REASON_PRODUCT_NOT_FOUND)
            )
            continue
        outcome = next(answers)
        if isinstance(outcome, Judgment):
            outcome.pool_only = pair.pool_only
        merged.append(outcome)
    return merged


def as_record(outcome: Outcome) -> JudgingRecord:
    if isinstance(outcome, JudgeFailure):
        return JudgingRecord(failure=outcome)
    return JudgingRecord(judgment=outcome)


@dataclass(frozen=True)
class _RetrievalReader:
    """Reads the retrieval twice: first for the products, then for the pairs."""

    work: Work
    queries: dict[str, Query]
    depths: Depths
    rated: Rated
    prior: Mapping[str, set[str]]

    def products(self) -> tuple[ProductSource, int]:
        """The products of the results, and the number of queries."""
        records = FromRecords()
        wanted: set[str] = set()
        by_id_only = self.work.config.HasField("catalogue")

        def keeping_products() -> Iterator[RetrievalRecord]:
            for record in self._retrieval():
                if record.HasField("product") and not by_id_only:
                    records.add(record.product)
                yield record

        total = 0
        for _, pairs in all_pairs(self.queries, keeping_products(), self.depths, self.rated, self.prior):
            total += 1
            if by_id_only:
                wanted.update(pair.product.product_id for pair in pairs)
        if by_id_only:
            catalogue = read_catalogue(self.work.config.catalogue, "catalogue")
            return FromCatalogue(catalogue, frozenset(wanted)), total
        return records, total

    def plans(self, results: ProductSource, everywhere: ProductSource) -> Iterator[Planned]:
        for query, pairs in all_pairs(self.queries, self._retrieval(), self.depths, self.rated, self.prior):
            found = [(everywhere if pair.pool_only else results).find(pair.product) for pair in pairs]
            yield Planned(query, pairs, found)

    def _retrieval(self) -> Iterator[RetrievalRecord]:
        for reader in self.work.inputs["retrieval"]:
            yield from reader


def _language(queries: dict[str, Query]) -> str:
    """The language of the market's queries."""
    return next((query.language for query in queries.values()), "en")
