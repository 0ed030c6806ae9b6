"""Reads the files of a query log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice

import pyarrow

from sq.v1.generate_config_pb2 import QueryLog
from sq.v1.source_pb2 import FILE_FORMAT_PARQUET
from sq_generate.query_log.batches import LogPart
from sq_generate.query_log.columns import FIELD, UBI_QUERY, missing_column
from sq_generate.query_log.counts import LogCounts
from sq_generate.query_log.documents import DocumentFile
from sq_generate.query_log.parquet import ParquetPart
from sq_generate.query_log.rows import Row, RowReader
from sq_source import find_files, format_of
from sq_source.formats import reader_of
from sq_source.timestamps import Window

__all__ = ["FIELD", "LogReader", "first_rows"]

# Seconds since 1970. Any time is inside, but each row has to have one.
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_799


class LogReader:
    """Gives the rows of a log, and counts in `counts` what is not a row.

    Args:
        look: called with the counts so far, after each broken line.
    """

    def __init__(self, log: QueryLog, look: Callable[[LogCounts], None] = lambda counts: None) -> None:
        self._log = log
        self._look = look
        self._window = Window.of(log)
        self.counts = LogCounts()

    def files(self) -> list[str]:
        """URIs of the log's files in the order they are read. Raises InputError if there are none."""
        return [uri for i, prefix in enumerate(self._log.uri) for uri in find_files(prefix, f"{FIELD}.uri[{i}]")]

    def rows(self, uri: str) -> Iterator[Row]:
        """The rows of one file that are inside the time window.

        Raises:
            InputError: the file is damaged, its format is unknown, or a column that is needed is missing.
        """
        return self._open(LogPart(uri)).rows()

    def batches(self, part: LogPart) -> Iterator[pyarrow.RecordBatch]:
        """The rows of one part as batches of batches.SCHEMA. Raises as rows does."""
        return self._open(part).batches()

    def finish(self) -> LogCounts:
        """The counts, after all files are read. Raises InputError if no row has the column of queries, or of counts."""
        if self.counts.missing and not self.counts.seen:
            raise missing_column("query", self._log.columns.query or UBI_QUERY, sorted(self.counts.names))
        if self.counts.uncounted and self.counts.uncounted == self.counts.seen:
            raise missing_column("count", self._log.columns.count, sorted(self.counts.names))
        return self.counts

    def _open(self, part: LogPart) -> DocumentFile | ParquetPart:
        file_format = format_of(part.uri, self._log.format, FIELD)
        file_reader = reader_of(file_format, FIELD)
        rows = RowReader(part.uri.rpartition("/")[2], self._window, self.counts, self._look)
        if file_format == FILE_FORMAT_PARQUET:
            return ParquetPart(self._log, part, rows)
        return DocumentFile(self._log, part.uri, file_reader, rows)


class _EnoughError(Exception):
    """As many broken lines were read as rows were wanted."""


def first_rows(log: QueryLog, uri: str, most: int) -> tuple[list[Row], LogReader]:
    """The first rows of a file, whatever their time, and the reader with the counts so far.

    Args:
        most: rows, or broken lines, after which it ends.

    Raises:
        InputError: as LogReader.rows does.
    """
    every = QueryLog()
    every.CopyFrom(log)
    if log.HasField("start") or log.HasField("end"):
        every.start.seconds, every.end.seconds = _EARLIEST, _LATEST

    def look(counts: LogCounts) -> None:
        if counts.broken >= most:
            raise _EnoughError

    reader, rows = LogReader(every, look), []
    with suppress(_EnoughError):
        rows.extend(islice(reader.rows(uri), most))
    return rows, reader
