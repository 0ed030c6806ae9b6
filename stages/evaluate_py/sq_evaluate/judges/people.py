"""Ratings by people."""

from __future__ import annotations

from collections.abc import Iterable

from sq.v1.evaluate_config_pb2 import PeopleJudge as PeopleConfig
from sq.v1.judgment_pb2 import JUDGE_FAILURE_REASON_UNJUDGED
from sq.v1.query_pb2 import Query
from sq_evaluate.judge import Case, Judge, Outcome
from sq_evaluate.judges.unmatched import check_matched
from sq_ratings import FIELD, Scale, collect, query_key, read_ratings
from sq_stagekit import InputError, Work


class PeopleJudge(Judge):
    """Looks pairs up. A pair that nobody rated is a failure, not a grade of 0."""

    def __init__(self, name: str, grades: dict[tuple[str, str], int]) -> None:
        self.name = name
        self._grades = grades
        self._products: dict[str, list[str]] = {}
        for query, product in sorted(grades):
            self._products.setdefault(query, []).append(product)

    def rated(self, query: Query) -> list[str]:
        """Ids of the products that people rated for the query."""
        return list(dict.fromkeys(product for key in _keys_of(query) for product in self._products.get(key, [])))

    def check(self, queries: Iterable[Query]) -> None:
        """Raises InputError if none of the queries has a rating."""
        check_matched(queries, self.rated, next(iter(self._products)), FIELD)

    @classmethod
    def of(cls, work: Work) -> PeopleJudge:
        return cls.read(work.config.people)

    @classmethod
    def read(cls, config: PeopleConfig) -> PeopleJudge:
        """Reads the file of ratings.

        Raises:
            InputError: the file cannot be read, or a rating is broken, outside the scale or contradicts another.
        """
        grades = collect(read_ratings(config), Scale.of(config), config.aggregation, query_key)
        if not grades:
            raise InputError(FIELD, f"{config.uri} contains no ratings", "give a file with ratings")
        return cls(f"people/{config.uri.rstrip('/').rpartition('/')[2]}", grades)

    def judge(self, case: Case) -> list[Outcome]:
        keys = _keys_of(case.query)
        outcomes: list[Outcome] = []
        for product in case.products:
            grade = next(
                (self._grades[key, product.product_id] for key in keys if (key, product.product_id) in self._grades),
                None,
            )
            if grade is None:
                outcomes.append(self.failure(case.query.query_id, product.product_id, JUDGE_FAILURE_REASON_UNJUDGED))
            else:
                outcomes.append(self.judgment(case, product, grade))
        return outcomes


def _keys_of(query: Query) -> tuple[str, ...]:
    return (query_key(query.query_id), query_key(query.text), query_key(query.source_text))
