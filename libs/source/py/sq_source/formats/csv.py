"""CSV and its relatives: a header, and rows whose cells a comma, semicolon, tab or bar separates."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from sq_source.dialect import Dialect, find_separator
from sq_source.encoding import open_utf8
from sq_source.formats.format import Format, Reading
from sq_source.mapping import Document

_SAMPLE = 1 << 16


class Csv(Format):
    extensions = ("csv", "tsv", "tab", "txt")

    def documents(self, uri: str, field: str, reading: Reading) -> Iterator[tuple[int, Document]]:
        dialect = Dialect.of(reading.csv, field)
        with open_utf8(uri, field, dialect) as stream:
            separator = dialect.separator or _find_separator(stream)
            dialect.show(uri, separator)
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors=reading.encoding_errors, newline="")
            csv.field_size_limit(dialect.cell_limit)
            rows = _rows(csv.reader(text, delimiter=separator, strict=True), reading, dialect)
            _, header = next(rows, (0, None))
            if header is None:
                return
            reading.table(header)
            for number, cells in rows:
                if reading.pads_short_rows and cells:
                    cells += [""] * (len(header) - len(cells))
                if len(cells) == len(header):
                    yield number, dict(zip(header, cells, strict=True))
                elif cells:
                    reading.broken(number, f"has {len(cells)} fields, but the header has {len(header)}")


def _find_separator(stream: io.BufferedReader) -> str:
    sample = stream.peek(_SAMPLE)
    if len(sample) >= _SAMPLE:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    return find_separator(sample.decode("utf-8-sig", "replace"))


def _rows(reader, reading: Reading, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, cells) of each row that is valid CSV."""
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError as error:
            reading.broken(first, f"is not text in {dialect.encoding or 'UTF-8'}: {error}; {dialect.setting}.encoding")
            return
        except csv.Error as error:
            # A quote that is never closed takes the lines after it along.
            reading.broken(first, _problem(error, dialect), max(1, reader.line_num + 1 - first))
            continue
        yield first, cells


def _problem(error: csv.Error, dialect: Dialect) -> str:
    if "field limit" in str(error):
        return (
            f"has a cell of more than {dialect.cell_limit} characters, or a quote that is not closed;"
            f" {dialect.setting}.cell_limit sets the limit"
        )
    return f"is not valid CSV: {error}"
