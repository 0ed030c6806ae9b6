"""Rows of a Parquet log by columns: only those needed are read, and plain ones are passed on as they are."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow
import pyarrow.compute
import pyarrow.parquet

from sq.v1.generate_config_pb2 import QueryLog
from sq_generate.query_log.batches import Columns, LogPart, packed, plain
from sq_generate.query_log.columns import FIELD, TableColumns
from sq_generate.query_log.rows import Row, RowReader
from sq_source.formats import open_parquet
from sq_stagekit import InputError

# Rows of a batch. With fewer, the engine's threads wait for each other longer than the memory saved is worth.
_BATCH = 1 << 17


class ParquetPart:
    """Reads one file, or some of its row groups."""

    def __init__(self, log: QueryLog, part: LogPart, rows: RowReader) -> None:
        self._log = log
        self._part = part
        self._rows = rows

    def rows(self) -> Iterator[Row]:
        for before, columns in self._tables():
            yield from self._table_rows(before, columns)

    def batches(self) -> Iterator[pyarrow.RecordBatch]:
        for before, columns in self._tables():
            found = plain(columns, self._rows.window)
            if found is None:
                yield from packed(self._table_rows(before, columns))
                continue
            batch, outside = found
            self._rows.counts.seen += len(columns.query)
            self._rows.counts.outside += outside
            yield batch

    def _tables(self) -> Iterator[tuple[int, Columns]]:
        """(number of the rows before it, columns) of each batch."""
        with open_parquet(self._part.uri, FIELD) as file:
            yield from self._batches_of(file)

    def _batches_of(self, file: pyarrow.parquet.ParquetFile) -> Iterator[tuple[int, Columns]]:
        part = self._part
        table = TableColumns.of(self._log, _names(file.schema_arrow), part.uri)
        names = [table.query, table.timestamp, table.count]
        groups = range(part.first, file.num_row_groups if part.end is None else part.end)
        before = sum(file.metadata.row_group(group).num_rows for group in range(part.first))
        for batch in file.iter_batches(_BATCH, row_groups=groups, columns=[name for name in names if name]):
            yield before, Columns(*(_column(batch, name) if name else None for name in names))
            before += batch.num_rows

    def _table_rows(self, before: int, columns: Columns) -> Iterator[Row]:
        try:
            values = columns.rows()
        except (ValueError, OverflowError) as error:
            uri = self._part.uri
            raise InputError(FIELD, f"{uri} contains a value that cannot be read: {error}", "correct it") from error
        for number, (query, moment, count) in enumerate(values, start=before + 1):
            self._rows.counts.seen += 1
            row = self._rows.read(number, query, moment, count)
            if row is not None:
                yield row


def _names(schema: pyarrow.Schema) -> list[str]:
    """Names of the columns, and paths of the fields inside them, such as "user.query"."""
    return [name for field in schema for name in (field.name, *_inside(field.type, field.name))]


def _inside(kind: pyarrow.DataType, at: str) -> Iterator[str]:
    for field in kind.fields if pyarrow.types.is_struct(kind) else ():
        path = f"{at}.{field.name}"
        yield path
        yield from _inside(field.type, path)


def _column(batch: pyarrow.RecordBatch, name: str) -> pyarrow.Array:
    """A column, or a field inside one. A column whose own name has a full stop goes first."""
    if name in batch.schema.names:
        return batch.column(name)
    column, *path = name.split(".")
    return pyarrow.compute.struct_field(batch.column(column), path)
