"""The tasks that run on the workers.

A task reports a problem of a log or a service in a row: Spark would retry an exception, and its type would be lost.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict

import pyarrow
from pyspark import Broadcast

from sq.v1.generate_config_pb2 import QueryLog
from sq_generate.engine import Classify
from sq_generate.query_log import LogCounts, LogPart, LogReader
from sq_generate.spelling_counter import count_spellings, open_database
from sq_stagekit import InputError, TryAgainError

Task = Callable[[Iterator[pyarrow.RecordBatch]], Iterator[pyarrow.RecordBatch]]

# Only the last row of a part has a `report`. Its `searches` is the number of spellings in the part.
READ = "part int, spelling string, searches long, report string"
_READ = pyarrow.schema(
    [
        ("part", pyarrow.int32()),
        ("spelling", pyarrow.string()),
        ("searches", pyarrow.int64()),
        ("report", pyarrow.string()),
    ]
)
CLASSIFIED = "text string, junk string, segment_id string, searches long, problem string"
_CLASSIFIED = pyarrow.schema(
    [
        ("text", pyarrow.string()),
        ("junk", pyarrow.string()),
        ("segment_id", pyarrow.string()),
        ("searches", pyarrow.int64()),
        ("problem", pyarrow.string()),
    ]
)
# For one task. A worker runs as many tasks at once as it has cores.
_MEMORY = "512MB"
_BATCH = 10_000


def read_parts(log: bytes, parts: Sequence[LogPart], scratch: str) -> Task:
    """A task that reads the parts with the given numbers.

    Args:
        log: a serialised QueryLog.
        scratch: a folder on the worker, or "".
    """

    def task(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from _read(QueryLog.FromString(log), parts[number], number, scratch or None)

    return task


def classify_spellings(function: Broadcast[Classify]) -> Task:
    """A task that applies the function to rows of (spelling, searches)."""

    def task(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        for batch in batches:
            yield _classified(function.value, batch)

    return task


def report_of(counts: LogCounts) -> str:
    return json.dumps(asdict(counts) | {"names": sorted(counts.names)})


def problem_of(error: InputError | TryAgainError) -> str:
    parts = [error.field, error.problem, error.fix] if isinstance(error, InputError) else [str(error)]
    return json.dumps({"problem": parts})


def counts_of(report: str) -> LogCounts:
    """The counts of a part. Raises InputError or TryAgainError if the part could not be read."""
    raise_problem(report)
    found = json.loads(report)
    return LogCounts(**found | {"names": set(found["names"])})


def raise_problem(report: str) -> None:
    problem = json.loads(report).get("problem")
    if problem is not None:
        raise InputError(*problem) if len(problem) > 1 else TryAgainError(*problem)


def _read(log: QueryLog, part: LogPart, number: int, scratch: str | None) -> Iterator[pyarrow.RecordBatch]:
    reader = LogReader(log)
    with (
        tempfile.TemporaryDirectory(prefix="sq-part-", dir=scratch) as folder,
        closing(open_database(folder, _MEMORY)) as database,
    ):
        # Spark runs tasks in parallel itself.
        database.execute("SET threads=1")
        try:
            count_spellings(database, reader.batches(part), lambda: None)
        except (InputError, TryAgainError) as error:
            yield _report_row(number, 0, problem_of(error))
            return
        spellings = 0
        for batch in database.sql("SELECT spelling, searches::BIGINT FROM spelling").to_arrow_reader(_BATCH):
            rows = batch.num_rows
            spellings += rows
            columns = [
                pyarrow.repeat(pyarrow.scalar(number, pyarrow.int32()), rows),
                batch.column(0),
                batch.column(1),
                pyarrow.nulls(rows, pyarrow.string()),
            ]
            yield pyarrow.record_batch(columns, schema=_READ)
    yield _report_row(number, spellings, report_of(reader.counts))


def _report_row(number: int, spellings: int, report: str) -> pyarrow.RecordBatch:
    row = {"part": number, "spelling": None, "searches": spellings, "report": report}
    return pyarrow.RecordBatch.from_pylist([row], schema=_READ)


def _classified(function: Classify, batch: pyarrow.RecordBatch) -> pyarrow.RecordBatch:
    try:
        found = function(batch.column(0))
    except (InputError, TryAgainError) as error:
        return pyarrow.RecordBatch.from_pylist([{"problem": problem_of(error)}], schema=_CLASSIFIED)
    columns = [
        *found.columns,
        batch.column(1),
        pyarrow.nulls(found.num_rows, pyarrow.string()),
    ]
    return pyarrow.record_batch(columns, schema=_CLASSIFIED)
