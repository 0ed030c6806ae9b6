"""The measures of each query, through ir_measures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ir_measures import ERR, P, nDCG, pytrec_eval

from sq_report.err import ErrProvider
from sq_report.market import QueryData
from sq_report.settings import Settings

# Digits kept, so that equal runs on different machines give equal records.
_DIGITS = 9


class State(Enum):
    """Whether a query's figures say something of the search."""

    MEASURED = "measured"
    # The endpoint did not answer: all is lost.
    FAILED = "failed"
    # Everything was judged, and nothing relevant exists.
    NOT_SOLD = "not sold"
    # Too little of what came back is judged.
    UNJUDGED = "unjudged"


@dataclass(frozen=True)
class Measures:
    """One query's figures, 0..1 but mean_judgment (0..4). All but `judged` rest on the judged results down to k alone.

    Attributes:
        judged: share of the results down to k that is judged; None where nothing came back.
        mean_judgment: 0 where nothing came back; None where results came back and none is judged.
        grades: of the judged results down to k, in rank order.
    """

    state: State
    ndcg: float
    precision: float
    err: float
    judged: float | None
    mean_judgment: float | None
    grades: tuple[int, ...]
    zero_results: bool

    @property
    def miss(self) -> float:
        """1 - nDCG: the part of the query's traffic that is lost; 0 where the query is no loss of the search."""
        return round(1 - self.ndcg, _DIGITS) if self.counts else 0.0

    @property
    def counts(self) -> bool:
        """Whether the query is part of the means."""
        return self.state in (State.MEASURED, State.FAILED)

    @property
    def retrieval_failed(self) -> bool:
        return self.state is State.FAILED


def measure(queries: Sequence[QueryData], settings: Settings) -> list[Measures]:
    """The measures of all queries, in their order.

    nDCG@k has linear gains and log2 discount (Järvelin and Kekäläinen 2002). Its ideal ranking is that of all products
    judged for the query: results, known matches, and what probes found. Unjudged results are left out of the ranking
    instead of counting as irrelevant (condensed lists: Sakai, Alternatives to bpref, SIGIR 2007).
    """
    values = _evaluate(queries, settings)
    return [_measures(data, values[data.query_id], settings) for data in queries]


def state_of(data: QueryData, settings: Settings) -> State:
    """Whether the query is measured."""
    if data.failure is not None:
        return State.FAILED
    sold = any(judgment.grade >= settings.relevant_grade for judgment in data.judgments.values())
    returned = data.products(settings.k)
    judged = [product for product in returned if product in data.judgments]
    if len(judged) < settings.minimum_judged * len(returned):
        return State.UNJUDGED
    if sold:
        return State.MEASURED
    complete = len(judged) == len(returned) and not data.failed_pairs
    return State.NOT_SOLD if complete and (data.judgments or not returned) else State.UNJUDGED


def _evaluate(queries: Sequence[QueryData], settings: Settings) -> dict[str, dict[object, float]]:
    qrels = {
        data.query_id: {product: judgment.grade for product, judgment in data.judgments.items()}
        for data in queries
        if data.judgments
    }
    run = {
        data.query_id: {
            product: float(-rank) for rank, product in enumerate(data.products(settings.k)) if product in data.judgments
        }
        for data in queries
    }
    run = {query_id: ranked for query_id, ranked in run.items() if ranked}
    names = _names(settings)
    evaluators = [
        pytrec_eval.evaluator([names["ndcg"], names["precision"]], qrels),
        ErrProvider().evaluator([names["err"]], qrels),
    ]
    fields = {measure: field for field, measure in names.items()}
    values: dict[str, dict[object, float]] = defaultdict(dict)
    for evaluator in evaluators:
        for metric in evaluator.iter_calc(run):
            values[metric.query_id][fields[metric.measure]] = round(float(metric.value), _DIGITS)
    return values


def _names(settings: Settings) -> dict[str, object]:
    k = settings.k
    return {"ndcg": nDCG @ k, "precision": P(rel=settings.relevant_grade) @ k, "err": ERR @ k}


def _measures(data: QueryData, values: dict[object, float], settings: Settings) -> Measures:
    returned = data.products(settings.k)
    grades = tuple(judgment.grade for judgment in data.judged_hits(settings.k))
    mean = round(sum(grades) / len(grades), _DIGITS) if grades else None
    return Measures(
        state=state_of(data, settings),
        ndcg=values.get("ndcg", 0.0),
        precision=values.get("precision", 0.0),
        err=values.get("err", 0.0),
        judged=round(len(grades) / len(returned), _DIGITS) if returned else None,
        mean_judgment=mean if returned else 0.0,
        grades=grades,
        zero_results=data.hits == [],
    )
