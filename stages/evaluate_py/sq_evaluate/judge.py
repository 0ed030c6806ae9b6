"""The interface of every judge."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sq.v1.judgment_pb2 import Canary, Guideline, JudgeFailure, JudgeFailureReason, Judgment, Reason
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query


@dataclass(frozen=True)
class Case:
    """One query and the products to judge for it. Each product occurs once and has its content hash."""

    query: Query
    products: tuple[Product, ...]


# The result of judging one pair.
Outcome = Judgment | JudgeFailure


class Judge(ABC):
    """Judges products: a model, rules, or people.

    The stage makes one, calls `check`, `survey`, `remember` and `learn` once, then `judge_all`, and `canaries` at the
    end. It calls `guideline` once it has the outcomes of a case.

    Attributes:
        name: is written into every judgment, such as "baseline/1". It changes whenever grades may change.
    """

    name: str

    @abstractmethod
    def judge(self, case: Case) -> list[Outcome]:
        """One outcome for each product of the case, in its order. A grade below 4 needs a reason."""

    def judge_all(self, cases: Iterable[Case]) -> Iterator[list[Outcome]]:
        """The outcomes of each case, in order. A judge that waits for a service may work on several cases at once."""
        for case in cases:
            yield self.judge(case)

    def check(self, queries: Iterable[Query]) -> None:  # noqa: B027, most judges can judge any query
        """Raises InputError if this judge has nothing for any of the queries."""

    def learn(self, products: Iterable[Product], language: str) -> None:  # noqa: B027, most judges learn nothing
        """Takes all products of the results and of the known matches, before the first case.

        Args:
            language: of the products, ISO 639-1.
        """

    def survey(self, queries: Iterable[Query]) -> None:  # noqa: B027, most judges have no canaries
        """Takes all queries of the market, those of other shards too. Not called if an earlier work tried the judge."""

    def canaries(self) -> Sequence[Canary]:
        """Pairs that were judged with an instruction hidden in the product as well, once all cases are judged."""
        return ()

    def remember(self, guidelines: Iterable[Guideline]) -> None:  # noqa: B027, most judges have none
        """Takes the guidelines of earlier work for the same queries, before the first case."""

    def guideline(self, query_id: str) -> Guideline | None:
        """What a model wrote about a query before it judged its products. Given once, when they are judged."""
        return None

    def rated(self, query: Query) -> Iterable[str]:
        """Ids of products that this judge rated before, whether or not the search found them. They join the pool."""
        return ()

    def judgment(self, case: Case, product: Product, grade: int, reasons: Sequence[Reason] = ()) -> Judgment:
        return Judgment(
            query_id=case.query.query_id,
            product_id=product.product_id,
            content_hash=product.content_hash,
            grade=grade,
            reasons=reasons,
            judge=self.name,
        )

    def failure(self, query_id: str, product_id: str, reason: JudgeFailureReason, detail: str = "") -> JudgeFailure:
        return JudgeFailure(query_id=query_id, product_id=product_id, reason=reason, detail=detail, judge=self.name)
