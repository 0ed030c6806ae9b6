"""Finds the columns of a log: query, time and count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sq.v1.generate_config_pb2 import QueryLog
from sq.v1.source_pb2 import FILE_FORMAT_UBI
from sq_generate.query_log.counts import NAMES
from sq_source.timestamps import Window
from sq_stagekit import InputError

FIELD = "log"
TIMESTAMP = "timestamp"
UBI_QUERY = "user_query"
PLAIN_QUERY = "query"
PLAIN_COUNT = "count"

# UBI documents have one of these fields. Their field "query" is the engine's request, not what the shopper typed.
_UBI_FIELDS = frozenset(["query_attributes", "query_response_id", "query_response_hit_ids"])
# A UBI document with this field is an event (a click, an impression), not a search.
_UBI_EVENT = "action_name"


@dataclass(frozen=True, slots=True)
class TableColumns:
    """Names of the columns to read of a table; None for one that is not read."""

    query: str
    timestamp: str | None
    count: str | None

    @classmethod
    def of(cls, log: QueryLog, names: Sequence[str], uri: str) -> TableColumns:
        """The columns of a table with these names. Raises InputError if a column that is needed is missing."""
        query = log.columns.query if log.HasField("columns") else _default_query(names)
        timestamp = (log.columns.timestamp or _found(TIMESTAMP, names)) if Window.of(log).bounded else None
        count = _found(PLAIN_COUNT, names)
        counted = count in names and query.lower() != UBI_QUERY
        found = cls(query, timestamp, log.columns.count or (count if counted else None))
        for field in ("query", "timestamp", "count"):
            name = getattr(found, field)
            if name is not None and name not in names:
                raise missing_column(field, name, names, uri)
        return found


@dataclass(frozen=True, slots=True)
class DocumentColumns:
    """Finds query, time and count in documents that each name their own fields (NDJSON)."""

    log: QueryLog

    def is_event(self, document: Mapping[str, object]) -> bool:
        may_be_ubi = self.log.format == FILE_FORMAT_UBI or not self.log.HasField("columns")
        return may_be_ubi and _UBI_EVENT in document

    def query(self, document: Mapping[str, object]) -> str:
        if self.log.HasField("columns"):
            return self.log.columns.query
        is_ubi = self.log.format == FILE_FORMAT_UBI or not _UBI_FIELDS.isdisjoint(document)
        return PLAIN_QUERY if PLAIN_QUERY in document and UBI_QUERY not in document and not is_ubi else UBI_QUERY

    def timestamp(self) -> str:
        return self.log.columns.timestamp or TIMESTAMP

    def count(self, query: str) -> str:
        """The name of the count's field; "" if each document is one search.

        Args:
            query: name of the query's field in the document.
        """
        return self.log.columns.count or (PLAIN_COUNT if query != UBI_QUERY else "")


def missing_column(field: str, name: str, names: Sequence[str], uri: str = "") -> InputError:
    """The error for a column that a log does not have. `names` are those that it has."""
    place = f" in {uri}" if uri else ""
    return InputError(
        f"{FIELD}.columns.{field}",
        f"there is no column {name}{place}; there are {', '.join(list(names)[:NAMES]) or 'none'}",
        "set it to a column of the log",
    )


def _default_query(names: Sequence[str]) -> str:
    return _found(UBI_QUERY, names) if _found(UBI_QUERY, names) in names else _found(PLAIN_QUERY, names)


def _found(wanted: str, names: Sequence[str]) -> str:
    """A column's usual name as it stands in the table, where it may be in upper case."""
    if wanted in names:
        return wanted
    return next((name for name in names if name.strip().lower() == wanted), wanted)
