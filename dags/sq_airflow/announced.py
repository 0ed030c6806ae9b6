"""What was announced about a run already: a record in its folder, so that a clear announces nothing twice."""

from __future__ import annotations

import json

from sq_airflow.store import read, write

NAME = "announced.json"
EVENT = "event"


class Announced:
    """The record of one run: the digest of a report to the ways by which it was announced.

    Args:
        folder: of the run.
    """

    def __init__(self, folder: str, digest: str, storage_conn_id: str) -> None:
        self._uri, self._conn_id = f"{folder}/{NAME}", storage_conn_id
        self._digest = digest

    def __contains__(self, way: str) -> bool:
        return way in self._read().get(self._digest, ())

    def add(self, way: str) -> None:
        """Remembers that the report was announced by a way: "mail", "webhook" or EVENT."""
        known = self._read()
        known[self._digest] = sorted({*known.get(self._digest, ()), way})
        write(self._uri, json.dumps(known, sort_keys=True).encode(), self._conn_id)

    def _read(self) -> dict[str, list[str]]:
        try:
            return json.loads(read(self._uri, self._conn_id))
        except FileNotFoundError:
            return {}
