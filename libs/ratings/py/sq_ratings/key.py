"""The key of a query in files of ratings."""

from __future__ import annotations

from sq_text import query_form


def query_key(text: str) -> str:
    """The key of a query: its normal form, with spaces for underscores. Qrels cannot contain spaces."""
    return query_form(text.replace("_", " "))
