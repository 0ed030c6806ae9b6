"""Rows of a log as columns. What a Parquet file holds in plain columns is taken as it stands; every batch with a row
that needs words of its own is left to the reader of rows, so that both ways count alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow
import pyarrow.compute as pc

from sq_source.timestamps import Window

# A spelling may stand in several rows. Searches of a row are below 2^53.
SCHEMA = pyarrow.schema([("spelling", pyarrow.string()), ("searches", pyarrow.int64())])
MOST_SEARCHES = 1 << 53
# Rows that are added up before they are handed on.
_ROWS = 100_000
_INT64 = (-(1 << 63), (1 << 63) - 1)
# Microseconds since 1970 that Python has dates for: the years 1 to 9999.
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
# Units of a time in a microsecond, and microseconds in one.
_UNITS = {"s": (1, 1_000_000), "ms": (1, 1_000), "us": (1, 1), "ns": (1_000, 1)}


@dataclass(frozen=True, slots=True)
class LogPart:
    """What is read at once: a file, or of a Parquet file the row groups from `first` on and before `end`."""

    uri: str
    first: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """A batch of a table; a column that is not asked for, or not there, is None."""

    query: pyarrow.Array
    moment: pyarrow.Array | None
    count: pyarrow.Array | None

    def rows(self) -> Iterator[tuple[object, object, object]]:
        """Query, time and count of each row, as Python has them; a row counts once where no column says more.

        Raises:
            ValueError, OverflowError: a text is not UTF-8, a time is not in the years 1 to 9999.
        """
        length = len(self.query)
        moments = [None] * length if self.moment is None else _to_microseconds(self.moment).to_pylist()
        counts = [1] * length if self.count is None else self.count.to_pylist()
        return zip(self.query.to_pylist(), moments, counts, strict=True)


def packed(rows: Iterable[tuple[str, int]]) -> Iterator[pyarrow.RecordBatch]:
    """Rows as batches of SCHEMA, equal spellings of a batch added up."""
    held: dict[str, int] = {}
    for number, (spelling, searches) in enumerate(rows, start=1):
        held[spelling] = held.get(spelling, 0) + searches
        if number % _ROWS == 0:
            yield from _batches(held)
            held = {}
    yield from _batches(held)


def _batches(held: dict[str, int]) -> Iterator[pyarrow.RecordBatch]:
    # What a batch adds up to may be more than a column holds of one row; it is then given in pieces.
    while held:
        columns = [
            pyarrow.array(held.keys(), pyarrow.string()),
            pyarrow.array([min(n, MOST_SEARCHES) for n in held.values()], pyarrow.int64()),
        ]
        yield pyarrow.record_batch(columns, schema=SCHEMA)
        held = {spelling: n - MOST_SEARCHES for spelling, n in held.items() if n > MOST_SEARCHES}


def plain(columns: Columns, window: Window) -> tuple[pyarrow.RecordBatch, int] | None:
    """The rows inside the window, as SCHEMA, and how many are outside.

    None where a column is of another type than text, whole number and time, or a row is not right.
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
        # No reader of Parquet checks that texts are UTF-8.
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
    """Which rows lie in the window."""
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
    """The smallest number of units that is not before, within what a column may hold."""
    low, high = _INT64
    return min(max(-(-value // divisor), low), high)


def _to_microseconds(moment: pyarrow.Array) -> pyarrow.Array:
    """Times without nanoseconds, which Python's have not."""
    if not pyarrow.types.is_timestamp(moment.type) or moment.type.unit != "ns":
        return moment
    floored = pc.floor_temporal(moment.cast(pyarrow.timestamp("ns")), unit="microsecond")
    return floored.cast(pyarrow.timestamp("us")).cast(pyarrow.timestamp("us", moment.type.tz))
