"""Apache Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sq_source.files import open_seekable
from sq_source.formats.format import Format, Reading
from sq_source.mapping import Document
from sq_stagekit import InputError

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_BATCH = 8192


class Parquet(Format):
    extensions = ("parquet",)

    def documents(self, uri: str, field: str, reading: Reading) -> Iterator[tuple[int, Document]]:
        with open_parquet(uri, field) as file:
            reading.table(file.schema_arrow.names)
            number = 0
            for batch in file.iter_batches(_BATCH):
                for document in batch.to_pylist():
                    number += 1
                    yield number, document


@contextmanager
def open_parquet(uri: str, field: str) -> Iterator[ParquetFile]:
    """A Parquet file that is open for reading.

    Raises:
        InputError: the file is missing or damaged, or this program cannot read Parquet.
    """
    try:
        # pyarrow is large and slow to import, and some images leave it out.
        import pyarrow
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise InputError(
            f"{field}.format", f"this program cannot read Parquet ({uri})", "convert the file to NDJSON or CSV"
        ) from error
    with open_seekable(uri, field) as stream:
        try:
            yield ParquetFile(stream)
        except (pyarrow.ArrowException, OSError) as error:
            raise InputError(field, f"{uri} is not a complete Parquet file: {error}", "give a complete file") from error
