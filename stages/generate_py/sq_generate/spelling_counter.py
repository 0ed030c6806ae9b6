"""Adds up the searches of each distinct spelling, in a database that spills to disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import duckdb
import pyarrow

from sq_generate.query_log.batches import SCHEMA

MEMORY = "1GB"
# Batches that are read ahead while the database counts earlier ones.
_AHEAD = 4


def open_database(folder: str, memory: str = MEMORY) -> duckdb.DuckDBPyConnection:
    """A database that uses at most `memory` ("1GB") of memory, and files in the folder for the rest.

    It is an in-memory database, whose tables spill to disk too. A database file would always be written.
    """
    database = duckdb.connect(":memory:")
    database.execute(f"SET memory_limit='{memory}'")
    database.execute(f"SET temp_directory='{folder}/spill'")
    database.execute("SET preserve_insertion_order=false")
    database.execute("SET enable_progress_bar=false")
    return database


def count_spellings(
    database: duckdb.DuckDBPyConnection, batches: Iterable[pyarrow.RecordBatch], check_stop: Callable[[], None]
) -> None:
    """Makes the table `spelling` (spelling VARCHAR, searches UBIGINT), one row for each distinct spelling.

    Args:
        batches: of query_log.batches.SCHEMA. Errors of theirs are raised here.
        check_stop: called before each batch; raises Stopped if the stage has to stop.
    """
    read = _ahead(batches)
    tap = _Tap(read, check_stop)
    database.register("incoming", pyarrow.RecordBatchReader.from_batches(SCHEMA, tap))
    try:
        database.execute(
            """CREATE TABLE spelling AS
            SELECT spelling, sum(searches)::UBIGINT AS searches FROM incoming GROUP BY spelling"""
        )
    except duckdb.Error:
        # The database keeps only the text of an error in its input.
        if tap.error is not None:
            raise tap.error from None
        raise
    finally:
        read.close()
        database.unregister("incoming")


def _ahead(batches: Iterable[pyarrow.RecordBatch]) -> Generator[pyarrow.RecordBatch, None, None]:
    """The batches. A thread reads the next ones ahead."""
    source = iter(batches)
    reading_ahead: deque[Future[pyarrow.RecordBatch | None]] = deque()
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        while True:
            while len(reading_ahead) < _AHEAD:
                reading_ahead.append(pool.submit(next, source, None))
            batch = reading_ahead.popleft().result()
            if batch is None:
                return
            yield batch
    finally:
        pool.shutdown(cancel_futures=True)


class _Tap:
    """Passes batches on, and keeps the error that ends them."""

    def __init__(self, batches: Iterable[pyarrow.RecordBatch], check_stop: Callable[[], None]) -> None:
        self._batches = iter(batches)
        self._check_stop = check_stop
        self.error: BaseException | None = None

    def __iter__(self) -> Iterator[pyarrow.RecordBatch]:
        return self

    def __next__(self) -> pyarrow.RecordBatch:
        try:
            self._check_stop()
            return next(self._batches)
        except StopIteration:
            raise
        except BaseException as error:
            self.error = error
            raise
