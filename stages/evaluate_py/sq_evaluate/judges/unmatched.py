"""Refuses ratings of which none is for a query of the query set."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sq.v1.query_pb2 import Query
from sq_stagekit import InputError


def check_matched(queries: Iterable[Query], rated: Callable[[Query], Iterable[str]], example: str, field: str) -> None:
    """Checks that the ratings are for these queries.

    Args:
        rated: ids of the products that were rated for a query.
        example: a query of the ratings.

    Raises:
        InputError: no query has a rating. It shows a query of both sides.
    """
    first = None
    for query in queries:
        if any(True for _ in rated(query)):
            return
        first = first or query
    if first is None:
        return
    raise InputError(
        field,
        f"no rating is for a query of the query set: the file has {example!r}, and the query set has"
        f" {first.text!r} (id {first.query_id})",
        "give the texts or the ids of these queries in the file",
    )
