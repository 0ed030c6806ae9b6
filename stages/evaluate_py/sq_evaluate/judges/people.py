"""Ratings by people, read from TREC qrels or CSV."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sq.v1.evaluate_config_pb2 import JUDGMENT_FORMAT_CSV, JUDGMENT_FORMAT_QRELS
from sq.v1.evaluate_config_pb2 import PeopleJudge as PeopleConfig
from sq.v1.judgment_pb2 import JUDGE_FAILURE_REASON_UNJUDGED
from sq.v1.query_pb2 import Query
from sq.v1.source_pb2 import FILE_FORMAT_CSV
from sq_evaluate.judge import Case, Judge, Outcome
from sq_source import open_bytes, read_documents
from sq_stagekit import InputError
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
    """Looks pairs up; a pair nobody rated is a failure, never a grade of 0."""

    def __init__(self, name: str, grades: dict[tuple[str, str], int]) -> None:
        self.name = name
        listed = "".join(f"{query}\t{product}\t{grade}\n" for (query, product), grade in sorted(grades.items()))
        self.digest = hashlib.sha256(f"{name}\n{listed}".encode()).hexdigest()
        self._grades = grades
        self._products: dict[str, list[str]] = {}
        for query, product in sorted(grades):
            self._products.setdefault(query, []).append(product)

    def rated(self, query: Query) -> list[str]:
        """Ids of the products that people rated for a query."""
        return list(dict.fromkeys(product for key in _keys_of(query) for product in self._products.get(key, [])))

    @classmethod
    def of(cls, config: PeopleConfig) -> PeopleJudge:
        """Reads the file.

        Raises:
            InputError: it cannot be read; a row is broken, rated outside the scale, or at odds with another.
        """
        scale_max = config.scale_max or _TOP_GRADE
        grades: dict[tuple[str, str], int] = {}
        for rating in _ratings(config):
            key = (query_key(rating.query), rating.product_id)
            grade = to_grade(rating, scale_max)
            if grades.setdefault(key, grade) != grade:
                raise InputError(rating.where, "rates a pair again, otherwise", "keep one rating for each pair")
        if not grades:
            raise InputError(_FIELD, f"{config.uri} holds no ratings", "give a file with ratings")
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
    """A query as it is looked up: normalised, underscores read as the spaces that qrels cannot hold."""
    return normalise(text.replace("_", " "))


def to_grade(rating: Rating, scale_max: int) -> int:
    """A rating on 0..scale_max as a grade on 0..4, linearly, halves up. Raises InputError outside the scale."""
    value = int(rating.value) if rating.value.isascii() and rating.value.isdigit() else -1
    if not 0 <= value <= scale_max:
        raise InputError(
            rating.where, f"rating {rating.value!r} is no whole number from 0 to {scale_max}", "set people.scale_max"
        )
    # In whole numbers, so that no half is lost to binary fractions.
    return (2 * value * _TOP_GRADE + scale_max) // (2 * scale_max)


def _keys_of(query: Query) -> tuple[str, ...]:
    return (query_key(query.query_id), query_key(query.text), query_key(query.source_text))


def _ratings(config: PeopleConfig) -> Iterator[Rating]:
    is_csv = config.uri.lower().removesuffix(".gz").removesuffix(".zst").endswith(".csv")
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
    with open_bytes(uri, _FIELD) as lines:
        for number, line in enumerate(lines, start=1):
            where, fields = f"{uri}:{number}", _fields(line, f"{uri}:{number}")
            if not fields:
                continue
            if len(fields) != len(_QRELS):
                raise InputError(where, f"has {len(fields)} fields, not 4", f"write: {' '.join(_QRELS)}")
            yield Rating(where, fields[0], fields[2], fields[3])


def _fields(line: bytes, where: str) -> list[str]:
    try:
        return line.decode("utf-8-sig").split()
    except UnicodeDecodeError as error:
        raise InputError(where, "is no UTF-8 text", "save the file as UTF-8") from error
