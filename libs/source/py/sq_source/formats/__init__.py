"""The file formats. A new one is a value of sq.v1.FileFormat, a class in a file of its own, and an entry of FORMATS."""

from __future__ import annotations

from sq.v1.source_pb2 import (
    FILE_FORMAT_CSV,
    FILE_FORMAT_NDJSON,
    FILE_FORMAT_PARQUET,
    FILE_FORMAT_UBI,
    FILE_FORMAT_UNSPECIFIED,
    FileFormat,
)
from sq_source.files import extension
from sq_source.formats.csv import Csv
from sq_source.formats.format import Format, Reading
from sq_source.formats.ndjson import Ndjson, parse_object
from sq_source.formats.parquet import Parquet, open_parquet
from sq_source.formats.ubi import Ubi
from sq_stagekit import InputError

__all__ = ["FORMATS", "Format", "Reading", "format_of", "open_parquet", "parse_object", "reader_of"]

FORMATS: dict[FileFormat, Format] = {
    FILE_FORMAT_NDJSON: Ndjson(),
    FILE_FORMAT_CSV: Csv(),
    FILE_FORMAT_PARQUET: Parquet(),
    FILE_FORMAT_UBI: Ubi(),
}
_BY_EXTENSION = {name: number for number, reader in FORMATS.items() for name in reader.extensions}


def format_of(uri: str, given: FileFormat, field: str) -> FileFormat:
    """The given format, or that of the file's extension. Raises InputError if there is neither."""
    if given != FILE_FORMAT_UNSPECIFIED:
        return given
    found = _BY_EXTENSION.get(extension(uri))
    if found is None:
        raise InputError(f"{field}.format", f"cannot tell the format of {uri} from its extension", _choose())
    return found


def reader_of(file_format: FileFormat, field: str) -> Format:
    """The reader of a format. Raises InputError if this program has none."""
    found = FORMATS.get(file_format)
    if found is None:
        raise InputError(f"{field}.format", f"this program has no reader for {_name(file_format)}", _choose())
    return found


def refuse_log_format(file_format: FileFormat, field: str) -> None:
    """Raises InputError if the format is for query logs only."""
    if reader_of(file_format, field).logs_only:
        raise InputError(f"{field}.format", f"{_name(file_format)} is for query logs only", _choose())


def _name(file_format: FileFormat) -> str:
    return FileFormat.Name(file_format) if file_format in FileFormat.values() else f"format {file_format}"


def _choose() -> str:
    names = [FileFormat.Name(number) for number, reader in FORMATS.items() if not reader.logs_only]
    return f"set it to {', '.join(names[:-1])} or {names[-1]}"
