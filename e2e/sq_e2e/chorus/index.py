"""Puts the catalogue into OpenSearch."""

from __future__ import annotations

import json

import httpx

from sq_e2e.chorus.data import Chorus

INDEX = "chorus"
_BATCH = 2000  # documents per request


def load(url: str, chorus: Chorus) -> int:
    """Indexes the catalogue. Returns the number of documents in the index, as OpenSearch counts them."""
    mappings = {"dynamic": False, "properties": {name: {"type": "text"} for name in ("title", "supplier")}}
    mappings["properties"] |= {"short_description": {"type": "text"}, "attr_t_product_type": {"type": "text"}}
    body = {"settings": {"number_of_shards": 1, "number_of_replicas": 0}, "mappings": mappings}
    httpx.put(f"{url}/{INDEX}", json=body).raise_for_status()
    batch: list[str] = []
    for document in chorus.documents():
        batch += [json.dumps({"index": {"_id": document["id"]}}), json.dumps(document)]
        if len(batch) >= 2 * _BATCH:
            _send(url, batch)
            batch = []
    if batch:
        _send(url, batch)
    httpx.post(f"{url}/{INDEX}/_refresh", timeout=60).raise_for_status()
    return httpx.get(f"{url}/{INDEX}/_count").json()["count"]


def _send(url: str, lines: list[str]) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    answer = httpx.post(f"{url}/{INDEX}/_bulk", content="\n".join(lines) + "\n", headers=headers, timeout=120)
    answer.raise_for_status()
    if answer.json()["errors"]:
        raise RuntimeError("OpenSearch rejected some of the documents")
