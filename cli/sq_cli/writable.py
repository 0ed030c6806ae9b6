"""Whether a place can be written."""

from __future__ import annotations

from sq_handoff import Store

_NAME = ".sq-writable"


def try_to_write(uri: str) -> None:
    """Writes an empty object at a folder's URI, and deletes it. Raises StorageError."""
    store = Store.at(uri)
    store.put(_NAME, b"")
    store.delete(_NAME)
