"""Rows of a log as columns.

A batch of a Parquet file whose columns are plain and valid is passed on as it is. Any other batch is read row by row.
Both ways give the same counts and messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow
import pyarrow.compute as pc

from sq_source.timestamps import Window

# A spelling may occur in several rows. The searches of a row are below 2^53.
SCHEMA = pyarrow.schema([("spelling", pyarrow.string()), ("searches", pyarrow.int64())])
MOST_SEARCHES = 1 << 53
# Rows that are added up before a batch is passed on.
_ROWS = 100_000
_INT64 = (-(1 << 63), (1 << 63) - 1)
# Microseconds since 1970 of the dates that Python supports: the years 1 to 9999.
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
# By unit of a time: units in a microsecond, and microseconds in a unit.
_UNITS = {"s": (1, 1_000_000), "ms": (1, 1_000), "us": (1, 1), "ns": (1_000, 1)}


@dataclass(frozen=True, slots=True)
class LogPart:
    """A file, or the row groups of a Parquet file from `first` up to but not including `end`."""

    uri: str
    first: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """A batch of a table. A column that is not read is None."""

    query: pyarrow.Array
    moment: pyarrow.Array | None
    count: pyarrow.Array | None

    def rows(self) -> Iterator[tuple[object, object, object]]:
        """Query, time and count of each row as Python values. Without a column of counts, each row counts once.

        Raises:
            ValueError, OverflowError: a text is not UTF-8, or a time is outside the years 1 to 9999.
        """
        length = len(self.query)
        moments = [None] * length if self.moment is None else _to_microseconds(self.moment).to_pylist()
        counts = [1] * length if self.count is None else self.count.to_pylist()
        return zip(self.query.to_pylist(), moments, counts, strict=True)


def packed(rows: Iterable[tuple[str, int]]) -> Iterator[pyarrow.RecordBatch]:
    """Rows as batches of SCHEMA. Equal spellings of a batch are added up."""
    added: dict[str, int] = {}
    for number, (spelling, searches) in enumerate(rows, start=1):
        added[spelling] = added.get(spelling, 0) + searches
        if number % _ROWS == 0:
            yield from _batches(added)
            added = {}
    yield from _batches(added)


def _batches(added: dict[str, int]) -> Iterator[pyarrow.RecordBatch]:
    # A sum may exceed the limit of a row. It is then split over several batches.
    while added:
        columns = [
            pyarrow.array(added.keys(), pyarrow.string()),
            pyarrow.array([min(n, MOST_SEARCHES) for n in added.values()], pyarrow.int64()),
        ]
        yield pyarrow.record_batch(columns, schema=SCHEMA)
        added = {spelling: n - MOST_SEARCHES for spelling, n in added.items() if n > MOST_SEARCHES}


def plain(columns: Columns, window: Window) -> tuple[pyarrow.RecordBatch, int] | None:
    """The rows inside the window, in SCHEMA, and the number of rows outside.

    None if a column has another type than text, whole number or time, or if a row is invalid.
    """
    query = _texts(columns.query)
    searches = _searches(columns.count, len(columns.query))
    if query is None or searches is None:
        return None
    batch = pyarrow.record_batch([query, searches], schema=SCHEMA)
    outside = 0
    if window.bounded:
        inside = _inside(columns.moment, window)
        if inside is None:
            return None
        batch = batch.filter(inside)
        outside = len(query) - batch.num_rows
    return (batch if columns.count is None else batch.filter(pc.greater(batch.column(1), 0))), outside


def _texts(query: pyarrow.Array) -> pyarrow.Array | None:
    if pyarrow.types.is_dictionary(query.type):
        query = query.dictionary_decode()
    if not pyarrow.types.is_string(query.type) and not pyarrow.types.is_large_string(query.type):
        return None
    try:
        # pyarrow does not check that texts are UTF-8 when it reads Parquet.
        query.validate(full=True)
        return query.cast(pyarrow.string()).fill_null("")
    except pyarrow.ArrowInvalid:
        return None


def _searches(count: pyarrow.Array | None, length: int) -> pyarrow.Array | None:
    if count is None:
        return pc.cast(pyarrow.repeat(1, length), pyarrow.int64())
    if not pyarrow.types.is_integer(count.type) or count.null_count:
        return None
    found = pc.min_max(count).as_py()
    if length and not 0 <= found["min"] <= found["max"] < MOST_SEARCHES:
        return None
    return count.cast(pyarrow.int64())


def _inside(moment: pyarrow.Array | None, window: Window) -> pyarrow.Array | None:
    """A mask of the rows inside the window; None if the times cannot be compared."""
    if moment is None or not pyarrow.types.is_timestamp(moment.type) or moment.null_count:
        return None
    per_microsecond, microseconds = _UNITS[moment.type.unit]
    values = moment.cast(pyarrow.int64())
    found = pc.min_max(values).as_py()
    if len(values) and not (
        _FIRST * per_microsecond <= found["min"] * microseconds
        and found["max"] * microseconds <= _LAST * per_microsecond
    ):
        return None
    start, end = (
        None if bound is None else _whole(bound * per_microsecond, microseconds) for bound in (window.start, window.end)
    )
    inside = pyarrow.repeat(True, len(values))
    if start is not None:
        inside = pc.and_(inside, pc.greater_equal(values, start))
    if end is not None:
        inside = pc.and_(inside, pc.less(values, end))
    return inside


def _whole(value: int, divisor: int) -> int:
    """The quotient, rounded up and limited to 64 bits."""
    low, high = _INT64
    return min(max(-(-value // divisor), low), high)


def _to_microseconds(moment: pyarrow.Array) -> pyarrow.Array:
    """Times without nanoseconds, which Python does not support."""
    if not pyarrow.types.is_timestamp(moment.type) or moment.type.unit != "ns":
        return moment
    floored = pc.floor_temporal(moment.cast(pyarrow.timestamp("ns")), unit="microsecond")
    return floored.cast(pyarrow.timestamp("us")).cast(pyarrow.timestamp("us", moment.type.tz))
