"""A cheap judge first, and a dear one where the first is unsure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sq.v1.evaluate_config_pb2 import CascadeJudge as CascadeConfig
from sq.v1.judgment_pb2 import Canary, Guideline, Judgment
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_evaluate.judge import Case, Judge, Outcome
from sq_evaluate.judges.baseline import BaselineJudge
from sq_stagekit import Work


@dataclass(frozen=True)
class FirstJudge:
    """The cheap judge, and when its grade counts.

    Attributes:
        threshold: lowest confidence, above 0 and at most 1.
        grade_confidence: by grade, in place of the judge's own; empty for its own.
    """

    judge: Judge
    threshold: float
    grade_confidence: Sequence[float] = ()

    @classmethod
    def of(cls, config: CascadeConfig, work: Work | None = None) -> FirstJudge:
        """Raises InputError if the trained model cannot be used. `work` records its version."""
        judge: Judge
        if config.first.HasField("trained"):
            # ONNX Runtime takes a second to import.
            from sq_evaluate.judges.trained import TrainedJudge

            judge = TrainedJudge.read(config.first.trained, work)
        else:
            judge = BaselineJudge(config.first.baseline.accessory_words)
        return cls(judge, config.threshold, tuple(config.grade_confidence))

    def outcomes(self, case: Case) -> list[Outcome | None]:
        """For each product the first judge's judgment with its confidence, or None where it is unsure."""
        return [outcome if self._is_sure(outcome) else None for outcome in self.judge.judge(case)]

    def unsure(self, case: Case) -> Case:
        """The case with the products alone that the other judge is asked about."""
        return _rest(case, self.outcomes(case))

    def _is_sure(self, outcome: Outcome) -> bool:
        if not isinstance(outcome, Judgment):
            return False
        if self.grade_confidence:
            outcome.confidence = self.grade_confidence[outcome.grade]
        return outcome.confidence >= self.threshold


class CascadeJudge(Judge):
    """Keeps the first judge's judgments where it is sure, and asks the other judge for the rest.

    Each judgment has the name and the confidence of the judge that gave it.
    """

    def __init__(self, first: FirstJudge, then: Judge) -> None:
        self.name = f"cascade/{first.judge.name}/{then.name}"
        self._first = first
        self._then = then

    def check(self, queries: Iterable[Query]) -> None:
        # The other judge need not know any query: the first may be sure of all.
        self._first.judge.check(queries)

    def learn(self, products: Iterable[Product], language: str) -> None:
        known = list(products)
        self._first.judge.learn(known, language)
        self._then.learn(known, language)

    def survey(self, queries: Iterable[Query]) -> None:
        self._then.survey(queries)

    def canaries(self) -> Sequence[Canary]:
        return self._then.canaries()

    def remember(self, guidelines: Iterable[Guideline]) -> None:
        self._then.remember(guidelines)

    def guideline(self, query_id: str) -> Guideline | None:
        return self._then.guideline(query_id)

    def rated(self, query: Query) -> Iterable[str]:
        return self._then.rated(query)

    def judge(self, case: Case) -> list[Outcome]:
        return next(self.judge_all([case]))

    def judge_all(self, cases: Iterable[Case]) -> Iterator[list[Outcome]]:
        """The outcomes of each case, in order. The other judge may work on several cases at once."""
        waiting: deque[list[Outcome | None]] = deque()

        def rests() -> Iterator[Case]:
            for case in cases:
                outcomes = self._first.outcomes(case)
                waiting.append(outcomes)
                yield _rest(case, outcomes)

        for answers in self._then.judge_all(rests()):
            following = iter(answers)
            yield [outcome if outcome is not None else next(following) for outcome in waiting.popleft()]


def _rest(case: Case, outcomes: Sequence[Outcome | None]) -> Case:
    products = (product for product, one in zip(case.products, outcomes, strict=True) if one is None)
    return Case(case.query, tuple(products))
