"""ERR@k as a provider of ir_measures, whose own needs Perl at run time and gives five digits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import ir_measures
from ir_measures import Metric, measures, providers
from ir_measures.providers.base import Any

MAX_GRADE = 4


def expected_reciprocal_rank(grades: Sequence[int]) -> float:
    """ERR of a ranking, 0..1: sum over ranks r of R_r / r x product over i < r of (1 - R_i), R = (2^grade - 1) / 2^4.

    Chapelle, Metzler, Zhang, Grinspan: Expected reciprocal rank for graded relevance. CIKM 2009.

    Args:
        grades: 0..4 in rank order; unjudged results are left out.
    """
    err, unsatisfied = 0.0, 1.0
    for rank, grade in enumerate(grades, 1):
        satisfied = (2**grade - 1) / 2**MAX_GRADE
        err += unsatisfied * satisfied / rank
        unsatisfied *= 1 - satisfied
    return err


class ErrProvider(providers.Provider):
    """Computes ERR@k over 0..4 with gdeval's formula."""

    NAME = "sq_err"
    SUPPORTED_MEASURES = [measures._ERR(cutoff=Any(required=True))]

    def _evaluator(self, measures: Sequence[measures.Measure], qrels: object) -> _ErrEvaluator:
        return _ErrEvaluator(measures, ir_measures.util.QrelsConverter(qrels).as_dict_of_dict())


class _ErrEvaluator(providers.Evaluator):
    def __init__(self, measures: Sequence[measures.Measure], qrels: Mapping[str, Mapping[str, int]]) -> None:
        super().__init__(measures, set(qrels))
        self._qrels = qrels

    def _iter_calc(self, run: object) -> Iterator[Metric]:
        ranked = ir_measures.util.RunConverter(run).as_dict_of_dict()
        for query_id in ranked.keys() & self._qrels.keys():
            grades = self._qrels[query_id]
            order = sorted(ranked[query_id].items(), key=lambda item: (-item[1], item[0]))
            for measure in self.measures:
                top = [grades.get(product, 0) for product, _ in order[: measure["cutoff"]]]
                yield Metric(query_id, measure, expected_reciprocal_rank(top))
