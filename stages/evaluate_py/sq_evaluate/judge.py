"""What every judge answers to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sq.v1.judgment_pb2 import JudgeFailure, JudgeFailureReason, Judgment, Reason
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query


@dataclass(frozen=True)
class Case:
    """One query and the products to judge for it; every product has its content hash, and stands once."""

    query: Query
    products: tuple[Product, ...]


# What becomes of one pair.
Outcome = Judgment | JudgeFailure


class Judge(ABC):
    """Gives judgments: a model, rules, or people.

    Attributes:
        name: stands in every judgment, such as "baseline/1".
        digest: sha256 (hexadecimal) of all that decides its answers, for cache keys.
    """

    name: str
    digest: str

    @abstractmethod
    def judge(self, case: Case) -> list[Outcome]:
        """One outcome for each product of the case, in its order."""

    def judge_all(self, cases: Iterable[Case]) -> Iterator[list[Outcome]]:
        """The outcomes of each case, in order. A judge that waits for others overlaps the cases."""
        for case in cases:
            yield self.judge(case)

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
