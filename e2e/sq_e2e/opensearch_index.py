"""Puts documents into OpenSearch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import islice

import httpx

_BATCH = 2000  # documents per request
_SECONDS = 120


def index_documents(
    url: str, documents: Iterable[tuple[str, str]], mappings: Mapping | None = None, analysis: Mapping | None = None
) -> None:
    """Creates an index with one shard and adds documents to it. They are searchable at the end.

    Args:
        url: of the index.
        documents: pairs of an id and a document (JSON).
        mappings: of the fields; None: OpenSearch derives them from the documents.
        analysis: analysers and their parts that the mappings name.

    Raises:
        RuntimeError: OpenSearch rejected a document.
    """
    body = {"settings": {"number_of_shards": 1, "number_of_replicas": 0}}
    if analysis is not None:
        body["settings"]["analysis"] = analysis
    if mappings is not None:
        body["mappings"] = mappings
    httpx.put(url, json=body, timeout=_SECONDS).raise_for_status()
    rest = iter(documents)
    while batch := list(islice(rest, _BATCH)):
        _send(url, batch)
    httpx.post(f"{url}/_refresh", timeout=_SECONDS).raise_for_status()


def _send(url: str, batch: list[tuple[str, str]]) -> None:
    lines = [line for id_, document in batch for line in (json.dumps({"index": {"_id": id_}}), document)]
    headers = {"Content-Type": "application/x-ndjson"}
    answer = httpx.post(f"{url}/_bulk", content="\n".join(lines) + "\n", headers=headers, timeout=_SECONDS)
    answer.raise_for_status()
    if answer.json()["errors"]:
        raise RuntimeError(f"OpenSearch rejected some of the documents for {url}")
