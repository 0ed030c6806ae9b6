"""Ratings by people, read from TREC qrels or CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sq.v1.evaluate_config_pb2 import JUDGMENT_FORMAT_CSV, JUDGMENT_FORMAT_QRELS
from sq.v1.evaluate_config_pb2 import PeopleJudge as PeopleConfig
from sq.v1.judgment_pb2 import JUDGE_FAILURE_REASON_UNJUDGED
from sq.v1.query_pb2 import Query
from sq.v1.source_pb2 import FILE_FORMAT_CSV
from sq_evaluate.judge import Case, Judge, Outcome
from sq_evaluate.judges.unmatched import check_matched
from sq_source import read_documents, read_lines
from sq_source.files import extension
from sq_stagekit import InputError, Work
from sq_text import normalise

_FIELD = "people.uri"
_TOP_GRADE = 4
_QRELS = ("query-id", "iteration", "docno", "grade")
_COLUMNS = ("query", "docid", "rating")


@dataclass(frozen=True)
class Rating:
    """One line of the file."""

    where: str
    query: str
    product_id: str
    value: str


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
        check_matched(queries, self.rated, next(iter(self._products)), _FIELD)

    @classmethod
    def of(cls, work: Work) -> PeopleJudge:
        return cls.read(work.config.people)

    @classmethod
    def read(cls, config: PeopleConfig) -> PeopleJudge:
        """Reads the file of ratings.

        Raises:
            InputError: the file cannot be read, or a row is broken, outside the scale or contradicts another.
        """
        scale_max = config.scale_max or _TOP_GRADE
        grades: dict[tuple[str, str], int] = {}
        for rating in _ratings(config):
            key = (query_key(rating.query), rating.product_id)
            grade = to_grade(rating, scale_max)
            if grades.setdefault(key, grade) != grade:
                raise InputError(rating.where, "rates a pair again with another grade", "keep one rating for each pair")
        if not grades:
            raise InputError(_FIELD, f"{config.uri} contains no ratings", "give a file with ratings")
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


def query_key(text: str) -> str:
    """The key of a query: its normal form, with spaces for underscores. Qrels cannot contain spaces."""
    return normalise(text.replace("_", " "))


def to_grade(rating: Rating, scale_max: int) -> int:
    """Maps a rating on 0..scale_max to a grade on 0..4, linearly, halves up. Raises InputError outside the scale."""
    value = int(rating.value) if rating.value.isascii() and rating.value.isdigit() else -1
    if not 0 <= value <= scale_max:
        raise InputError(
            rating.where, f"rating {rating.value!r} is not a whole number from 0 to {scale_max}", "set people.scale_max"
        )
    # Whole numbers only: binary fractions could round a half down.
    return (2 * value * _TOP_GRADE + scale_max) // (2 * scale_max)


def _keys_of(query: Query) -> tuple[str, ...]:
    return (query_key(query.query_id), query_key(query.text), query_key(query.source_text))


def _ratings(config: PeopleConfig) -> Iterator[Rating]:
    is_csv = extension(config.uri) == "csv"
    if config.format == JUDGMENT_FORMAT_CSV or (config.format != JUDGMENT_FORMAT_QRELS and is_csv):
        return _from_csv(config.uri)
    return _from_qrels(config.uri)


def _from_csv(uri: str) -> Iterator[Rating]:
    for where, row in read_documents(uri, FILE_FORMAT_CSV, _FIELD):
        by_name = {name.strip().lower(): str(value).strip() for name, value in row.items()}
        lacking = [name for name in _COLUMNS if not by_name.get(name)]
        if lacking:
            raise InputError(where, f"has no {lacking[0]}", f"give the columns {','.join(_COLUMNS)}")
        yield Rating(where, *(by_name[name] for name in _COLUMNS))


def _from_qrels(uri: str) -> Iterator[Rating]:
    for where, line in read_lines(uri, _FIELD):
        fields = line.split()
        if len(fields) != len(_QRELS):
            raise InputError(where, f"has {len(fields)} fields instead of 4", f"write: {' '.join(_QRELS)}")
        query, _, product, grade = fields
        yield Rating(where, query, product, grade)
