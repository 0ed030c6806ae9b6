"""JSON: one object a line (NDJSON), or an array of objects; with or without the frames of dumps and of the bulk API."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sq_source.files import open_bytes
from sq_source.formats.format import Format, Reading
from sq_source.formats.json_array import array_documents, begins_array
from sq_source.log_lines import LONGEST_LINE, is_framing, numbered_lines, unframed
from sq_source.mapping import Document

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Ndjson(Format):
    extensions = ("ndjson", "jsonl", "json")

    def documents(self, uri: str, field: str, reading: Reading) -> Iterator[tuple[int, Document]]:
        with open_bytes(uri, field) as stream:
            if begins_array(stream):
                yield from array_documents(stream, reading)
                return
            for number, line in numbered_lines(stream):
                if line is None:
                    reading.broken(number, f"is longer than {LONGEST_LINE >> 20} MiB")
                    continue
                if not line.strip():
                    continue
                try:
                    document = parse_object(line)
                except ValueError as error:
                    reading.broken(number, str(error))
                    continue
                if not is_framing(document):
                    yield number, unframed(document)


def parse_object(line: bytes) -> Document:
    """The JSON object in a line. Raises ValueError with the reason, such as "is not valid JSON: …"."""
    try:
        document = json.loads(line.removeprefix(_BYTE_ORDER_MARK), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise ValueError("is not UTF-8 text") from error
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"is not valid JSON: {error.msg} at column {error.colno}") from error
    if not isinstance(document, dict):
        raise ValueError("is not a JSON object")
    return document


def _refuse_constant(name: str) -> float:
    raise ValueError(f"contains {name}, which is not valid JSON")
