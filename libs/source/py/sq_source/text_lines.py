"""Lines of a text file."""

from __future__ import annotations

from collections.abc import Iterator

from sq_source.files import open_bytes
from sq_source.log_lines import LONGEST_LINE, numbered_lines
from sq_stagekit import InputError


def read_lines(uri: str, field: str) -> Iterator[tuple[str, str]]:
    """("file:line", text) of each line that is not blank, without the white space around it.

    Raises:
        InputError: the file is missing or damaged, or a line is not UTF-8, or as long as LONGEST_LINE.
    """
    with open_bytes(uri, field) as stream:
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
