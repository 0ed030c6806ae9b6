"""Judgment lists of OpenSearch's Search Relevance Workbench."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sq_ratings.rating import FIELD, Rating
from sq_source import open_bytes
from sq_source.mapping import Document, as_text
from sq_stagekit import InputError

_LIST = "judgmentRatings"
_FORM = '{"judgmentRatings": [{"query": …, "ratings": [{"docId": …, "rating": …}]}]}'


def srw_ratings(uri: str) -> Iterator[Rating] | None:
    """The ratings of a list, as it is imported, exported, or found by a search. None if the file is no such list.

    Raises:
        InputError: the file is missing or damaged, or the list has another form.
    """
    with open_bytes(uri, FIELD) as stream:
        content = stream.read()
    lists = [document[_LIST] for document in _documents(content) if _LIST in document]
    return _ratings(uri, lists) if lists else None


def _documents(content: bytes) -> list[Document]:
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        # Lines of JSON, which another reader reads or refuses.
        return []
    hits = found.get("hits") if isinstance(found, dict) else None
    items = hits.get("hits") if isinstance(hits, dict) else found
    items = items if isinstance(items, list) else [items]
    objects = [item for item in items if isinstance(item, dict)]
    return [item["_source"] if isinstance(item.get("_source"), dict) else item for item in objects]


def _ratings(uri: str, lists: Sequence[object]) -> Iterator[Rating]:
    for number, (query, ratings) in enumerate((pair for found in lists for pair in _queries(uri, found)), start=1):
        where = f"{uri}: query {number}"
        for item in ratings:
            if not isinstance(item, dict) or not as_text(item.get("docId")):
                raise InputError(where, "has a rating without a docId", f"write {_FORM}")
            yield Rating(where, query, as_text(item["docId"]), as_text(item.get("rating")))


def _queries(uri: str, found: object) -> Iterator[tuple[str, list]]:
    for item in found if isinstance(found, list) else [found]:
        query = as_text(item.get("query")) if isinstance(item, dict) else ""
        ratings = item.get("ratings") if isinstance(item, dict) else None
        if not query or not isinstance(ratings, list):
            raise InputError(FIELD, f"{uri} has a query without a text or ratings", f"write {_FORM}")
        yield query, ratings
