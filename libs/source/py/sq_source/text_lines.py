"""Lines of a text file."""

from __future__ import annotations

from collections.abc import Iterator

from sq.v1.source_pb2 import CsvDialect
from sq_source.dialect import Dialect
from sq_source.encoding import open_utf8
from sq_source.log_lines import LONGEST_LINE, numbered_lines
from sq_stagekit import InputError


def read_lines(uri: str, field: str, csv: CsvDialect | None = None) -> Iterator[tuple[str, str]]:
    """("file:line", text) of each line that is not blank, without the white space around it.

    Args:
        csv: the encoding, if the configuration has one; otherwise it is found in the file.

    Raises:
        InputError: the file is missing or damaged, or a line is as long as LONGEST_LINE or not text in the encoding.
    """
    with open_utf8(uri, field, Dialect.of(csv or CsvDialect(), field)) as stream:
        for number, line in numbered_lines(stream):
            if line is None:
                raise InputError(
                    f"{uri}:{number}", f"is longer than {LONGEST_LINE >> 20} MiB", "give a text file with short lines"
                )
            try:
                text = line.decode("utf-8-sig").strip()
            except UnicodeDecodeError as error:
                raise InputError(f"{uri}:{number}", "is not UTF-8 text", "save the file as UTF-8") from error
            if text:
                yield f"{uri}:{number}", text
