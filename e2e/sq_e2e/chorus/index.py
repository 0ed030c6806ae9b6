"""Puts the catalogue into OpenSearch."""

from __future__ import annotations

import json

import httpx

from sq_e2e.chorus.data import Chorus
from sq_e2e.opensearch_index import index_documents

INDEX = "chorus"
_SEARCHED = ("title", "supplier", "short_description", "attr_t_product_type")


def load(url: str, chorus: Chorus) -> int:
    """Indexes the catalogue. Returns the number of documents in the index, as OpenSearch counts them."""
    mappings = {"dynamic": False, "properties": {name: {"type": "text"} for name in _SEARCHED}}
    documents = ((document["id"], json.dumps(document)) for document in chorus.documents())
    index_documents(f"{url}/{INDEX}", documents, mappings)
    return httpx.get(f"{url}/{INDEX}/_count").json()["count"]
