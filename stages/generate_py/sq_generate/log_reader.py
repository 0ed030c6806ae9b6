"""Rows of a query log, whatever it is written in. Every engine reads through this, so that all count alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow
import pyarrow.parquet

from sq.v1.generate_config_pb2 import LogColumns, QueryLog
from sq.v1.source_pb2 import FILE_FORMAT_PARQUET, FILE_FORMAT_UBI, FileFormat
from sq_generate.log_batches import MOST_SEARCHES, Columns, LogPart, packed, plain
from sq_source import find_files, format_of, open_bytes, open_seekable, parse_object
from sq_source.log_lines import LONGEST_LINE, is_framing, numbered_lines
from sq_source.mapping import as_text
from sq_source.timestamps import Window, microseconds
from sq_stagekit import InputError

FIELD = "log"
# Broken lines that are shown, and names of columns that an error lists.
EXAMPLES = 5
_NAMES = 40
_LONGEST_CELL = 1 << 20
# Rows of Parquet at once: smaller ones cost the engine more threads' turns than they save memory.
_BATCH = 1 << 17
# A document with this is an event of UBI (a click, an impression), not a search.
_EVENT = "action_name"
# Documents with one of these are of UBI, whose field "query" is the engine's request and not what was typed.
_UBI_MARKS = frozenset(["query_attributes", "query_response_id", "query_response_hit_ids"])

Row = tuple[str, int]


@dataclass
class LogCounts:
    """What a log held besides its rows.

    Attributes:
        broken: lines (of Parquet: rows) that could not be read.
        examples: the first few of them, "file:line: why".
        events: documents that are no searches.
        outside: rows out of the time window.
        missing: rows without the query column; seen: rows with it.
        names: names of columns seen while the query column was missing.
    """

    broken: int = 0
    examples: list[str] = field(default_factory=list)
    events: int = 0
    outside: int = 0
    missing: int = 0
    seen: int = 0
    names: set[str] = field(default_factory=set)

    def add_broken(self, where: str, why: str, lines: int = 1) -> None:
        self.broken += lines
        if len(self.examples) < EXAMPLES:
            self.examples.append(f"{where}: {why}")


class LogReader:
    """Reads the rows of a log's files and counts, in `counts`, what is no row."""

    def __init__(self, log: QueryLog):
        self._log = log
        self._window = Window.of(log)
        self.counts = LogCounts()

    def files(self) -> list[str]:
        """URIs of the log's files in the order they are read. Raises InputError where there is none."""
        return [uri for i, prefix in enumerate(self._log.uri) for uri in find_files(prefix, f"{FIELD}.uri[{i}]")]

    def rows(self, uri: str) -> Iterator[Row]:
        """(query as it was typed, how many searches) of each row of one file inside the time window.

        Raises:
            InputError: the file is damaged, its format unknown, or a column it needs is not there.
        """
        match format_of(uri, self._log.format, FIELD):
            case FileFormat.FILE_FORMAT_CSV:
                return self._csv(uri)
            case FileFormat.FILE_FORMAT_PARQUET:
                return self._parquet(uri)
        return self._ndjson(uri)

    def batches(self, part: LogPart) -> Iterator[pyarrow.RecordBatch]:
        """The rows of one part as columns, by log_batches.SCHEMA. Raises as rows does."""
        if format_of(part.uri, self._log.format, FIELD) == FILE_FORMAT_PARQUET:
            return self._parquet_batches(part)
        return packed(self.rows(part.uri))

    def finish(self) -> LogCounts:
        """The counts, once all files are read. Raises InputError where no row had the query column."""
        if self.counts.missing and not self.counts.seen:
            wanted = self._log.columns.query or "user_query"
            raise _unknown(f"{FIELD}.columns.query", wanted, sorted(self.counts.names))
        return self.counts

    # NDJSON

    def _ndjson(self, uri: str) -> Iterator[Row]:
        ubi = self._log.format == FILE_FORMAT_UBI or not self._log.HasField("columns")
        with open_bytes(uri, FIELD) as stream:
            for number, line in numbered_lines(stream):
                where = f"{_label(uri)}:{number}"
                if line is None:
                    self.counts.add_broken(where, f"is longer than {LONGEST_LINE >> 20} MiB")
                elif line.strip():
                    yield from self._document(where, line, ubi)

    def _document(self, where: str, line: bytes, ubi: bool) -> Iterator[Row]:
        try:
            document = parse_object(line)
        except ValueError as error:
            self.counts.add_broken(where, str(error))
            return
        if is_framing(document):
            return
        if ubi and _EVENT in document:
            self.counts.events += 1
            return
        name = self._query_name(document)
        if name in document:
            self.counts.seen += 1
        else:
            self.counts.missing += 1
            if len(self.counts.names) < _NAMES:
                self.counts.names.update(document)
        count = self._log.columns.count or ("count" if name == "query" else "")
        yield from self._row(where, document.get(name), self._time(document), document.get(count, 1))

    def _query_name(self, document: Mapping[str, object]) -> str:
        if self._log.HasField("columns"):
            return self._log.columns.query
        typed_elsewhere = self._log.format == FILE_FORMAT_UBI or not _UBI_MARKS.isdisjoint(document)
        return "user_query" if typed_elsewhere or "query" not in document or "user_query" in document else "query"

    def _time(self, document: Mapping[str, object]) -> object:
        return document.get(self._log.columns.timestamp or "timestamp")

    # CSV

    def _csv(self, uri: str) -> Iterator[Row]:
        csv.field_size_limit(_LONGEST_CELL)
        with open_bytes(uri, FIELD) as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
            reader = csv.reader(text, strict=True)
            header = next(reader, None)
            if header is None:
                return
            picks = self._picks(header, uri)
            for where, cells in self._csv_rows(reader, len(header), _label(uri)):
                self.counts.seen += 1
                query, moment, count = (cells[pick] if pick is not None else None for pick in picks)
                yield from self._row(where, query, moment, 1 if count is None else count)

    def _csv_rows(self, reader, width: int, label: str) -> Iterator[tuple[str, list[str]]]:
        while True:
            first = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self.counts.add_broken(f"{label}:{first}", f"is no CSV: {error}", max(1, reader.line_num + 1 - first))
                continue
            if len(cells) == width:
                yield f"{label}:{first}", cells
            elif cells:
                self.counts.add_broken(f"{label}:{first}", f"has {len(cells)} fields, the header {width}")

    # Parquet

    def _parquet(self, uri: str) -> Iterator[Row]:
        for number, columns in self._tables(LogPart(uri)):
            yield from self._table_rows(uri, number, columns)

    def _parquet_batches(self, part: LogPart) -> Iterator[pyarrow.RecordBatch]:
        for number, columns in self._tables(part):
            found = plain(columns, self._window)
            if found is None:
                yield from packed(self._table_rows(part.uri, number, columns))
                continue
            batch, outside = found
            self.counts.seen += len(columns.query)
            self.counts.outside += outside
            yield batch

    def _tables(self, part: LogPart) -> Iterator[tuple[int, Columns]]:
        """Batches of the columns wanted, each with the number of rows before it."""
        uri = part.uri
        with open_seekable(uri, FIELD) as stream:
            try:
                yield from self._file_tables(part, pyarrow.parquet.ParquetFile(stream))
            except (pyarrow.ArrowException, OSError) as error:
                raise InputError(FIELD, f"{uri} is no whole Parquet file: {error}", "give one") from error

    def _file_tables(self, part: LogPart, file: pyarrow.parquet.ParquetFile) -> Iterator[tuple[int, Columns]]:
        names = file.schema_arrow.names
        picks = [names[pick] if pick is not None else None for pick in self._picks(names, part.uri)]
        groups = range(part.first, file.num_row_groups if part.end is None else part.end)
        number = sum(file.metadata.row_group(group).num_rows for group in range(part.first))
        for batch in file.iter_batches(_BATCH, row_groups=groups, columns=[name for name in picks if name]):
            yield number, Columns(*(batch.column(name) if name else None for name in picks))
            number += batch.num_rows

    def _table_rows(self, uri: str, number: int, columns: Columns) -> Iterator[Row]:
        try:
            rows = columns.rows()
        except (ValueError, OverflowError) as error:
            raise InputError(FIELD, f"{uri} holds what cannot be read: {error}", "correct the file") from error
        for query, moment, count in rows:
            number += 1
            self.counts.seen += 1
            yield from self._row(f"{_label(uri)}:{number}", query, moment, count)

    # All formats

    def _picks(self, names: Sequence[str], uri: str) -> tuple[int, int | None, int | None]:
        """Where the query, the time and the count stand among a table's columns."""
        columns = self._log.columns if self._log.HasField("columns") else _default_columns(names)
        query = _find(columns.query, names, "query", uri)
        named = columns.timestamp or "timestamp"
        moment = _find(named, names, "timestamp", uri) if self._window.bounded else None
        count = _find(columns.count, names, "count", uri) if columns.count else None
        return query, moment, count

    def _row(self, where: str, query: object, moment: object, count: object) -> Iterator[Row]:
        try:
            if self._window.bounded and not self._window.holds(_moment(moment)):
                self.counts.outside += 1
                return
            row = _text(query), _count(count)
        except ValueError as error:
            self.counts.add_broken(where, str(error))
            return
        if row[1]:
            yield row


def _default_columns(names: Sequence[str]) -> LogColumns:
    query = "user_query" if "user_query" in names else "query"
    return LogColumns(query=query, count="count" if "count" in names and query == "query" else "")


def _find(name: str, names: Sequence[str], column: str, uri: str) -> int:
    if name not in names:
        raise _unknown(f"{FIELD}.columns.{column}", name, names, uri)
    return list(names).index(name)


def _unknown(field_name: str, name: str, names: Sequence[str], uri: str = "") -> InputError:
    where = f"there is no column {name}" + (f" in {uri}" if uri else "")
    return InputError(
        field_name, f"{where}; there are {', '.join(list(names)[:_NAMES]) or 'none'}", f"name the {FIELD}'s column"
    )


def _label(uri: str) -> str:
    """A file's name without its place, so that the same log elsewhere gives the same records."""
    return uri.rpartition("/")[2]


def _moment(value: object) -> int:
    if value is None or value == "":
        raise ValueError("has no time")
    try:
        return microseconds(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{_short(value)} is no time") from error


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list | bytes):
        raise ValueError(f"the query is no text but a {type(value).__name__}")
    text = value if isinstance(value, str) else as_text(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("the query is no valid Unicode text") from error
    return text


def _count(value: object) -> int:
    """How many searches a row stands for. Raises ValueError for what is no whole number from 0."""
    try:
        count = int(value) if not isinstance(value, bool | float) or value == int(value) else -1
    except (TypeError, ValueError, OverflowError):
        count = -1
    if not 0 <= count < MOST_SEARCHES:
        raise ValueError(f"{_short(value)} is no count of searches")
    return count


def _short(value: object) -> str:
    text = repr(value).encode("utf-8", "replace").decode()
    return text if len(text) <= 40 else f"{text[:40]}…"
