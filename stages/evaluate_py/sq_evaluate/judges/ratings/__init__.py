"""Ratings by people: files in several forms, on several scales, by one person or more."""

from sq_evaluate.judges.ratings.file import read_ratings
from sq_evaluate.judges.ratings.grades import collect
from sq_evaluate.judges.ratings.scale import Scale

__all__ = ["Scale", "collect", "read_ratings"]
