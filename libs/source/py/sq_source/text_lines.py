"""Lines of a text file."""

from __future__ import annotations

from collections.abc import Iterator

from sq_source.files import open_bytes
from sq_stagekit import InputError


def read_lines(uri: str, field: str) -> Iterator[tuple[str, str]]:
    """("file:line", text) of each line that is not blank, without the white space around it.

    Raises:
        InputError: the file is missing or damaged, or a line is not UTF-8.
    """
    with open_bytes(uri, field) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                text = line.decode("utf-8-sig").strip()
            except UnicodeDecodeError as error:
                raise InputError(f"{uri}:{number}", "is not UTF-8 text", "save the file as UTF-8") from error
            if text:
                yield f"{uri}:{number}", text
