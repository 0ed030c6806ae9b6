"""Makes one grade of all ratings of a pair."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from sq.v1.evaluate_config_pb2 import (
    RATING_AGGREGATION_MAJORITY,
    RATING_AGGREGATION_MAX,
    RATING_AGGREGATION_MEAN,
    RATING_AGGREGATION_MEDIAN,
    RATING_AGGREGATION_MIN,
    RatingAggregation,
)
from sq_ratings.rating import Rating
from sq_ratings.scale import TOP_GRADE, OffScaleError, Scale, rounded
from sq_stagekit import InputError

Pair = tuple[str, str]  # key of the query, product id
_LOG = logging.getLogger("sq")
# Ratings that an error lists.
_SHOWN = 20


def _majority(grades: Sequence[Fraction]) -> int:
    counts = Counter(rounded(grade) for grade in grades)
    return min(counts, key=lambda grade: (-counts[grade], grade))


_AGGREGATIONS: dict[RatingAggregation, Callable[[Sequence[Fraction]], int]] = {
    RATING_AGGREGATION_MEAN: lambda grades: rounded(sum(grades) / len(grades)),
    RATING_AGGREGATION_MEDIAN: lambda grades: rounded(sorted(grades)[(len(grades) - 1) // 2]),
    RATING_AGGREGATION_MIN: lambda grades: rounded(min(grades)),
    RATING_AGGREGATION_MAX: lambda grades: rounded(max(grades)),
    RATING_AGGREGATION_MAJORITY: _majority,
}


def collect(
    ratings: Iterable[Rating], scale: Scale, aggregation: RatingAggregation, key_of: Callable[[str], str]
) -> dict[Pair, int]:
    """The grade of each pair, in the order of the file. Pairs without a rating are not judged.

    Args:
        key_of: the key of a query by its text or id.

    Raises:
        InputError: a rating is not on the scale, or contradicts another one and no aggregation is set.
    """
    grades: dict[Pair, list[Fraction]] = {}
    blank, off = 0, _OffScale(scale)
    for rating in ratings:
        if not rating.value:
            blank += 1
            continue
        try:
            grade = scale.grade(rating.value)
        except OffScaleError as error:
            off.add(rating, str(error))
            continue
        given = grades.setdefault((key_of(rating.query), rating.product_id), [])
        if not aggregation and given and rounded(given[0]) != rounded(grade):
            raise InputError(
                rating.where,
                "rates a pair again with another grade",
                "keep one rating for each pair, or set people.aggregation, for example to RATING_AGGREGATION_MEAN",
            )
        if aggregation or not given:
            given.append(grade)
    off.refuse()
    _tell(grades, blank, scale)
    unite = _AGGREGATIONS.get(aggregation, lambda given: rounded(given[0]))
    return {pair: unite(given) for pair, given in grades.items()}


def _tell(grades: dict[Pair, list[Fraction]], blank: int, scale: Scale) -> None:
    if blank:
        _LOG.info("pairs without a rating are not judged", extra={"pairs": blank})
    highest = max((grade for given in grades.values() for grade in given), default=Fraction(TOP_GRADE))
    if highest < TOP_GRADE:
        extra = {"highest_grade": f"{float(highest):g}", "scale": str(scale), "setting": "people.scale"}
        _LOG.warning("no rating reaches the top of the scale: is it the file's scale?", extra=extra)


class _OffScale:
    """Ratings that are not on the scale, so that one error names them all."""

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._first: Rating | None = None
        self._problem = ""
        self._values: dict[str, None] = {}

    def add(self, rating: Rating, problem: str) -> None:
        if self._first is None:
            self._first, self._problem = rating, problem
        if len(self._values) < _SHOWN:
            self._values.setdefault(rating.value)

    def refuse(self) -> None:
        """Raises InputError if there are any."""
        if self._first is None:
            return
        others = ", ".join(repr(value) for value in self._values if value != self._first.value)
        problem = f"rating {self._first.value!r} {self._problem}" + (
            f"; neither can be mapped: {others}" if others else ""
        )
        grades = ", ".join(f"{value!r}: …" for value in self._values)
        raise InputError(
            self._first.where,
            problem,
            f"give each a grade from 0 to 4 in people.values: {{{grades}}}; or set people.scale or people.scale_max",
        )
