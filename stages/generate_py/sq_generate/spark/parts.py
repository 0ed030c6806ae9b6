"""Cuts a log into parts that workers read side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

import pyarrow
import pyarrow.parquet

from sq.v1.source_pb2 import FILE_FORMAT_PARQUET, FileFormat
from sq_generate.query_log import FIELD, LogPart
from sq_handoff.location import local_path
from sq_source import format_of

# A Parquet file below this is read in one go; a larger one in parts of at least as many bytes.
_LARGE = 128 << 20


def cut(files: Sequence[str], file_format: FileFormat, check_stop: Callable[[], None]) -> list[LogPart]:
    """The parts of files, in order. Raises InputError where a file's format is not known."""
    parts = []
    for uri in files:
        check_stop()
        is_parquet = format_of(uri, file_format, FIELD) == FILE_FORMAT_PARQUET
        parts += _row_groups(uri) if is_parquet and _size(uri) > _LARGE else [LogPart(uri)]
    return parts


def _size(uri: str) -> int:
    """Bytes of a file on this machine; of others 0: they are fetched whole, so cutting them would gain nothing."""
    try:
        return os.path.getsize(local_path(uri)) if uri.startswith("file://") else 0
    except OSError:
        return 0


def _row_groups(uri: str) -> Iterator[LogPart]:
    try:
        metadata = pyarrow.parquet.read_metadata(local_path(uri))
    except (pyarrow.ArrowException, OSError):
        # Whoever reads it says what is wrong.
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
