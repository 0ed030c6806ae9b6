"""Documents out of a file of any format."""

from __future__ import annotations

from collections.abc import Iterator

from sq.v1.source_pb2 import CsvDialect, FileFormat
from sq_source.formats import Reading, format_of, reader_of, refuse_log_format
from sq_source.mapping import Document


def read_documents(
    uri: str, given: FileFormat, field: str, csv: CsvDialect | None = None
) -> Iterator[tuple[str, Document]]:
    """("file:line", document) of each document of a file, in order; of a Parquet file "file:row".

    Args:
        given: the format; FILE_FORMAT_UNSPECIFIED for that of the file's extension.
        field: of the configuration, for errors.
        csv: how a table is written; None to find it in the file.

    Raises:
        InputError: the file is missing or damaged, a line of it is broken, or it has no format that this reads.
    """
    file_format = format_of(uri, given, field)
    refuse_log_format(file_format, field)
    for number, document in reader_of(file_format, field).documents(uri, field, Reading(uri, csv)):
        yield f"{uri}:{number}", document
