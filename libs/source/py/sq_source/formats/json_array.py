"""A JSON array of objects, read piece by piece, as it may be larger than the memory."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator

from sq_source.formats.format import Reading
from sq_source.log_lines import LONGEST_LINE, unframed
from sq_source.mapping import Document

_CHUNK = 1 << 16
_SPACE = re.compile(r"[ \t\r\n]*")


def begins_array(stream: io.BufferedIOBase) -> bool:
    """Whether the next character that is not white space opens an array."""
    return stream.peek(_CHUNK).removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"["


def array_documents(stream: io.BufferedIOBase, reading: Reading) -> Iterator[tuple[int, Document]]:
    """(number of its first line, document) of each object of the arrays in a file.

    What cannot be read goes to `reading`. After a broken object the rest of the file cannot be read.
    """
    text = _Text(stream, reading.encoding_errors)
    try:
        yield from _documents(text, reading)
    except UnicodeDecodeError:
        reading.broken(text.line, "is not UTF-8 text")
    except RecursionError:
        reading.broken(text.line, "is nested too deeply")
    except json.JSONDecodeError as error:
        reading.broken(text.line, f"is not valid JSON: {error.msg}; the rest of the array was not read")


def _documents(text: _Text, reading: Reading) -> Iterator[tuple[int, Document]]:
    while text.next():
        text.take("[")
        while text.next() != "]":
            line = text.line
            value = text.value()
            if text.constant:
                reading.broken(line, f"contains {text.constant}, which is not valid JSON")
            elif isinstance(value, dict):
                yield line, unframed(value)
            else:
                reading.broken(line, "is not a JSON object")
            if text.next() != "]":
                text.take(",")
        text.take("]")


class _Text:
    """The text of a stream from a place on.

    Attributes:
        line: number of the place's line, from 1.
        constant: the last NaN or Infinity in the last value, "" if it had none.
    """

    def __init__(self, stream: io.BufferedIOBase, errors: str) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8-sig")(errors)
        self._json = json.JSONDecoder(parse_constant=self._note)
        self._text = ""
        self._at = 0
        self._ended = False
        self.line = 1
        self.constant = ""

    def next(self) -> str:
        """Moves to the next character that is not white space, and returns it; "" at the end."""
        while True:
            self._move(_SPACE.match(self._text, self._at).end())
            if self._at < len(self._text) or not self._fill():
                return self._text[self._at : self._at + 1]

    def take(self, character: str) -> None:
        """Moves behind a character. Raises json.JSONDecodeError if another one is there."""
        if self.next() != character:
            raise json.JSONDecodeError(f"expected {character!r}", self._text, self._at)
        self._move(self._at + 1)

    def value(self) -> object:
        """Moves behind a value, and returns it. Raises json.JSONDecodeError or RecursionError."""
        while True:
            self.constant = ""
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if len(self._text) - self._at > LONGEST_LINE or not self._fill():
                    raise
                continue
            # A number at the end of what was read may go on.
            if isinstance(value, dict) or end < len(self._text) or not self._fill():
                self._move(end)
                return value

    def _note(self, name: str) -> None:
        self.constant = name

    def _move(self, at: int) -> None:
        self.line += self._text.count("\n", self._at, at)
        self._at = at

    def _fill(self) -> bool:
        """Reads on: as much as is left, so that a long value is not parsed too often. False at the end."""
        if self._ended:
            return False
        left = self._text[self._at :]
        data = self._stream.read(max(_CHUNK, len(left)))
        self._ended = not data
        self._text, self._at = left + self._decode.decode(data, self._ended), 0
        return not self._ended
