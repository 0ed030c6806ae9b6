"""CSV in UTF-8 with a header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from sq_source.files import open_bytes
from sq_source.formats.format import Format, Reading
from sq_source.mapping import Document

_LONGEST_CELL = 1 << 20


class Csv(Format):
    extensions = ("csv",)

    def documents(self, uri: str, field: str, reading: Reading) -> Iterator[tuple[int, Document]]:
        csv.field_size_limit(_LONGEST_CELL)
        with open_bytes(uri, field) as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors=reading.encoding_errors, newline="")
            rows = _rows(csv.reader(text, strict=True), reading)
            _, header = next(rows, (0, None))
            if header is None:
                return
            reading.table(header)
            for number, cells in rows:
                if len(cells) == len(header):
                    yield number, dict(zip(header, cells, strict=True))
                elif cells:
                    reading.broken(number, f"has {len(cells)} fields, but the header has {len(header)}")


def _rows(reader, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, cells) of each row that is valid CSV."""
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError as error:
            reading.broken(first, f"is not CSV in UTF-8: {error}")
            return
        except csv.Error as error:
            # A quote that is never closed takes the lines after it along.
            reading.broken(first, f"is not valid CSV: {error}", max(1, reader.line_num + 1 - first))
            continue
        yield first, cells
