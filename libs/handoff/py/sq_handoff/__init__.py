"""Reads and writes artefacts: immutable records of one message type, published by a manifest."""

from sq_handoff.errors import ArtefactError, Conflict, Corrupt, NotFound, WrongType
from sq_handoff.manifest import fetch_manifest
from sq_handoff.reader import ArtefactReader
from sq_handoff.storage_errors import StorageAway, StorageError, StorageFull, StorageRefused
from sq_handoff.store import Store
from sq_handoff.writer import ArtefactWriter

__all__ = [
    "ArtefactError",
    "ArtefactReader",
    "ArtefactWriter",
    "Conflict",
    "Corrupt",
    "NotFound",
    "StorageAway",
    "StorageError",
    "StorageFull",
    "StorageRefused",
    "Store",
    "WrongType",
    "fetch_manifest",
]
