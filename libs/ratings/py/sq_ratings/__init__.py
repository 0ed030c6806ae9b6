"""Ratings by people: files in several forms, on several scales, by one person or more."""

from sq_ratings.file import read_ratings
from sq_ratings.grades import collect
from sq_ratings.key import query_key
from sq_ratings.rating import FIELD, Rating
from sq_ratings.scale import TOP_GRADE, Scale
from sq_ratings.write import FORMS, Judged, write_judgments

__all__ = [
    "FIELD",
    "FORMS",
    "TOP_GRADE",
    "Judged",
    "Rating",
    "Scale",
    "collect",
    "query_key",
    "read_ratings",
    "write_judgments",
]
