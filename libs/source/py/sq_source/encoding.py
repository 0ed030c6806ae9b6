"""Texts in any encoding as UTF-8."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager

from sq_source.dialect import Dialect
from sq_source.files import open_bytes

WINDOWS = "windows-1252"
_CHUNK = 1 << 20
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Bytes that Windows-1252 does not have.
_NOT_WINDOWS = b"\x81\x8d\x8f\x90\x9d"
_ESCAPED = range(0xDC80, 0xDD00)


@contextmanager
def open_utf8(uri: str, field: str, dialect: Dialect) -> Iterator[io.BufferedReader]:
    """A file's content as bytes in UTF-8. Bytes that the encoding does not have stay as they are.

    Raises:
        InputError: the file is missing, damaged or not readable.
        TryAgainError: the store does not answer.
    """
    with open_bytes(uri, field) as stream:
        yield io.BufferedReader(_Utf8(stream, uri, dialect), 1 << 16)


class _Utf8(io.RawIOBase):
    """Transcodes a stream. Without a given encoding, the first part that is not ASCII decides."""

    def __init__(self, stream: io.BufferedIOBase, uri: str, dialect: Dialect) -> None:
        self._stream = stream
        self._uri = uri
        self._dialect = dialect
        self._encoding = codecs.lookup(dialect.encoding).name if dialect.encoding else ""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._ended = False
        self._out = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self._out and not self._ended:
            chunk = self._stream.read(_CHUNK)
            self._ended = not chunk
            self._out = memoryview(self._transcoded(chunk))
        size = min(len(buffer), len(self._out))
        buffer[:size], self._out = self._out[:size], self._out[size:]
        return size

    def _transcoded(self, chunk: bytes) -> bytes:
        if not self._encoding:
            self._encoding = self._found(chunk)
        if self._encoding in ("", "utf-8"):
            return chunk
        if self._decoder is None:
            # UTF-16 has no single bytes that could stay as they are.
            errors = "replace" if self._encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
            self._decoder = codecs.getincrementaldecoder(self._encoding)(errors)
        return self._decoder.decode(chunk, not chunk).encode("utf-8", "surrogateescape")

    def _found(self, chunk: bytes) -> str:
        """The encoding of a part, "" as long as it is ASCII."""
        marked = next((name for mark, name in _BYTE_ORDER_MARKS if chunk.startswith(mark)), "")
        found = marked or ("" if chunk.isascii() else WINDOWS if _is_windows(chunk) else "utf-8")
        if found not in ("", "utf-8"):
            self._dialect.show_encoding(self._uri, found)
        return found


def _is_windows(chunk: bytes) -> bool:
    """Whether a part is Windows-1252, of which Latin-1 is a part, and not UTF-8 with a few broken characters."""
    if any(byte in chunk for byte in _NOT_WINDOWS):
        return False
    others = [ord(character) for character in chunk.decode("utf-8", "surrogateescape") if not character.isascii()]
    broken = sum(code in _ESCAPED for code in others)
    return broken * 2 > len(others)
