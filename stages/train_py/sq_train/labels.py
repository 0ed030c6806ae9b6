"""Reads the labels that a judge is trained on: grades of (query, product) pairs, by people or by another judge."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from sq.v1.evaluate_config_pb2 import PeopleJudge as LabelsFile
from sq_ratings import Scale, collect, query_key, read_ratings
from sq_stagekit import InputError

FIELD = "--labels"
_TOP_GRADE = 4

# Key of the query, product id.
Labels = dict[tuple[str, str], int]


def read_labels(config: LabelsFile) -> tuple[Labels, str]:
    """The grade, 0 to 4, of each pair, and the scale of the file in words.

    A file that names no scale is read on 0 to its highest rating, if that is below 4: three people who rate 0 to 3
    leave no 4.

    Raises:
        InputError: the file cannot be read, or a rating is broken or contradicts another.
    """
    ratings = list(read_ratings(config))
    scale = Scale.of(config)
    if not config.scale_max and not config.HasField("scale") and not config.values:
        highest = max((_number(rating.value) for rating in ratings), default=Fraction(0))
        if 0 < highest < _TOP_GRADE:
            scale = replace(scale, high=highest)
    labels = collect(ratings, scale, config.aggregation, query_key)
    if not labels:
        raise InputError(
            FIELD, f"{config.uri} contains no ratings", "give a file with the columns query, docid, rating"
        )
    return labels, str(scale)


def _number(text: str) -> Fraction:
    try:
        return Fraction(text.strip().replace(",", "."))
    except ValueError:
        return Fraction(_TOP_GRADE)
