"""A judge by rules over tags, attributes and text. It needs no service and no training."""

from __future__ import annotations

from collections.abc import Iterable

from sq.v1.product_pb2 import Product
from sq_evaluate.judge import Case, Judge, Outcome
from sq_rules import Rules
from sq_stagekit import Work


class BaselineJudge(Judge):
    """Gives the grade of the rules (`sq_rules`)."""

    name = "baseline/1"

    def __init__(self, accessories: Iterable[str] = ()) -> None:
        """accessories: words that name accessories, in place of the languages' lists; empty: those lists."""
        self._rules = Rules(accessories)

    @classmethod
    def of(cls, work: Work) -> BaselineJudge:
        return cls(work.config.baseline.accessory_words)

    def learn(self, products: Iterable[Product], language: str) -> None:
        """Learns the values of each tag type from the products."""
        self._rules.learn(products, language)

    def judge(self, case: Case) -> list[Outcome]:
        return [self._judge(case, product) for product in case.products]

    def _judge(self, case: Case, product: Product) -> Outcome:
        match = self._rules.match(case.query, product)
        return self.judgment(case, product, match.grade, match.reasons)
