"""The measures of each query, through ir_measures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ir_measures import ERR, Judged, P, judged, nDCG, pytrec_eval

from sq_report.err import ErrProvider
from sq_report.market import QueryData
from sq_report.settings import Settings

# Digits kept, so that equal runs on different machines give equal records.
_DIGITS = 9


@dataclass(frozen=True)
class Measures:
    """One query's figures, 0..1 but mean_judgment (0..4).

    Attributes:
        mean_judgment: over the judged results down to k; 0 where nothing came back; None where results came
            back and none is judged.
        judged: None where nothing came back.
        grades: of the judged results down to k, in rank order.
        relevant_in_pool: some judged product, returned or not, has a grade above 0.
    """

    ndcg: float
    precision: float
    err: float
    judged: float | None
    mean_judgment: float | None
    grades: tuple[int, ...]
    zero_results: bool
    retrieval_failed: bool
    relevant_in_pool: bool

    @property
    def miss(self) -> float:
        """1 - nDCG: the part of the query's traffic that is lost."""
        return round(1 - self.ndcg, _DIGITS)

    @property
    def measured(self) -> bool:
        """Whether nDCG says something of the search: false where results came back and none is judged."""
        return self.mean_judgment is not None


def measure(queries: Sequence[QueryData], settings: Settings) -> list[Measures]:
    """The measures of all queries, in their order.

    nDCG@k has linear gains and log2 discount, and its ideal ranking is that of all judged products of the query,
    returned or not. Unjudged results count as grade 0. A query without results, one whose retrieval failed, and
    one with nothing relevant among all its judged products has nDCG 0.
    """
    values = _evaluate(queries, settings)
    return [_measures(data, values[data.query_id], settings.k) for data in queries]


def _evaluate(queries: Sequence[QueryData], settings: Settings) -> dict[str, dict[object, float]]:
    qrels = {
        data.query_id: {product: judgment.grade for product, judgment in data.judgments.items()}
        for data in queries
        if data.judgments
    }
    run = {
        data.query_id: {hit.product.product_id: float(-rank) for rank, hit in enumerate(data.hits)}
        for data in queries
        if data.hits
    }
    names = _names(settings)
    evaluators = [
        pytrec_eval.evaluator([names["ndcg"], names["precision"]], qrels),
        judged.evaluator([names["judged"]], qrels),
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
    return {"ndcg": nDCG @ k, "precision": P(rel=settings.relevant_grade) @ k, "err": ERR @ k, "judged": Judged @ k}


def _measures(data: QueryData, values: dict[object, float], k: int) -> Measures:
    grades = tuple(judgment.grade for judgment in data.judged_hits(k))
    mean = round(sum(grades) / len(grades), _DIGITS) if grades else None
    return Measures(
        ndcg=values.get("ndcg", 0.0),
        precision=values.get("precision", 0.0),
        err=values.get("err", 0.0),
        judged=values.get("judged", 0.0) if data.hits else None,
        mean_judgment=mean if data.hits else 0.0,
        grades=grades,
        zero_results=data.hits == [],
        retrieval_failed=data.hits is None,
        relevant_in_pool=any(judgment.grade for judgment in data.judgments.values()),
    )
