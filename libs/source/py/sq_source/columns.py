"""Finds the columns of tables by the names that people and tools usually give them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

QUERY = ("query", "query_text", "user_query", "search_term", "query_id", "qid", "topic")
PRODUCT = ("docid", "doc_id", "docno", "product_id", "productid", "product_uid", "object_id")


def usual_column(names: Iterable[str], usual: Sequence[str]) -> str:
    """The column with the first of the usual names, in upper or lower case; "" if there is none."""
    by_lower: dict[str, str] = {}
    for name in names:
        by_lower.setdefault(name.strip().lower(), name)
    return next((by_lower[name] for name in usual if name in by_lower), "")
