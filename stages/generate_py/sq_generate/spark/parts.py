"""Splits a log into parts that workers read in parallel."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

import pyarrow
import pyarrow.parquet

from sq.v1.source_pb2 import FILE_FORMAT_PARQUET, FileFormat
from sq_generate.query_log import FIELD, LogPart
from sq_handoff.location import local_path
from sq_source import format_of

# A Parquet file up to this size is one part. A larger one is split into parts of at least this size.
_LARGE = 128 << 20


def cut(files: Sequence[str], file_format: FileFormat, check_stop: Callable[[], None]) -> list[LogPart]:
    """The parts of all files, in order. Raises InputError if the format of a file is not known."""
    parts = []
    for uri in files:
        check_stop()
        is_parquet = format_of(uri, file_format, FIELD) == FILE_FORMAT_PARQUET
        parts += _row_groups(uri) if is_parquet and _size(uri) > _LARGE else [LogPart(uri)]
    return parts


def _size(uri: str) -> int:
    """Bytes of a local file; 0 for others, which are downloaded whole and need no splitting."""
    try:
        return os.path.getsize(local_path(uri)) if uri.startswith("file://") else 0
    except OSError:
        return 0


def _row_groups(uri: str) -> Iterator[LogPart]:
    try:
        metadata = pyarrow.parquet.read_metadata(local_path(uri))
    except (pyarrow.ArrowException, OSError):
        # The task that reads it reports the error.
        yield LogPart(uri)
        return
    first = size = 0
    for group in range(metadata.num_row_groups):
        size += _compressed(metadata.row_group(group))
        if size >= _LARGE or group == metadata.num_row_groups - 1:
            yield LogPart(uri, first, group + 1)
            first, size = group + 1, 0


def _compressed(group: pyarrow.parquet.RowGroupMetaData) -> int:
    return sum(group.column(number).total_compressed_size for number in range(group.num_columns))
