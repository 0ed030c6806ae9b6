"""Rows of a log file in any format that gives documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow

from sq.v1.generate_config_pb2 import QueryLog
from sq_generate.query_log.batches import packed
from sq_generate.query_log.columns import FIELD, DocumentColumns, TableColumns
from sq_generate.query_log.rows import Row, RowReader
from sq_source.formats import Format, Reading
from sq_source.mapping import Document, has_field, leaves, value_at


class DocumentFile(Reading):
    """Reads one file. Counts broken lines instead of refusing the file."""

    # A query that is not UTF-8 breaks its row only. Other columns do not matter.
    encoding_errors = "surrogateescape"

    def __init__(self, log: QueryLog, uri: str, file_format: Format, rows: RowReader) -> None:
        super().__init__(uri, log.csv)
        self._log = log
        self._format = file_format
        self._rows = rows
        self._columns = DocumentColumns(log)
        self._table: TableColumns | None = None

    def table(self, columns: Sequence[str]) -> None:
        self._table = TableColumns.of(self._log, columns, self.uri)

    def broken(self, line: int, problem: str, lines: int = 1) -> None:
        self._rows.counts.unparsed += lines
        self._rows.broken(line, problem, lines)

    def rows(self) -> Iterator[Row]:
        for number, document in self._format.documents(self.uri, FIELD, self):
            row = self._document_row(number, document) if self._table is None else self._table_row(number, document)
            if row is not None:
                yield row

    def batches(self) -> Iterator[pyarrow.RecordBatch]:
        return packed(self.rows())

    def _table_row(self, number: int, document: Mapping[str, object]) -> Row | None:
        self._rows.counts.seen += 1
        columns = self._table
        moment = document[columns.timestamp] if columns.timestamp else None
        count = document[columns.count] if columns.count else 1
        return self._rows.read(number, document[columns.query], moment, count)

    def _document_row(self, number: int, document: Document) -> Row | None:
        counts, columns = self._rows.counts, self._columns
        if columns.is_event(document):
            counts.events += 1
            return None
        name = columns.query(document)
        query = value_at(document, name)
        if query is not None or name in document:
            counts.seen += 1
            if self._log.columns.count and not has_field(document, self._log.columns.count):
                counts.add_uncounted(leaves(document))
        else:
            counts.add_missing(leaves(document))
        moment = value_at(document, columns.timestamp())
        return self._rows.read(number, query, moment, _count(document, columns.count(name)))


def _count(document: Document, name: str) -> object:
    """The value of the count's field; 1 if there is no such field."""
    count = value_at(document, name)
    return 1 if count is None and name not in document else count
