"""Reads and writes artefacts: immutable records of one message type, published by a manifest."""

from sq_handoff.artefact import ArtefactReader, ArtefactWriter, fetch_manifest
from sq_handoff.errors import ArtefactError, Conflict, Corrupt, NotFound, WrongType
from sq_handoff.store import Store

__all__ = [
    "ArtefactError",
    "ArtefactReader",
    "ArtefactWriter",
    "Conflict",
    "Corrupt",
    "NotFound",
    "Store",
    "WrongType",
    "fetch_manifest",
]
