"""The files people give: anywhere, one or many, plain or compressed."""

from __future__ import annotations

import gzip
import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zstandard
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from sq_handoff import Store
from sq_handoff.location import absolute, local_path
from sq_stagekit import InputError, TryAgainError

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_COMPRESSED = (".gz", ".zst", ".zstd")
_CHUNK = 8 << 20
_ZSTD_CHUNK = 64 << 10

# What breaks while a compressed stream is read.
DAMAGE = (EOFError, gzip.BadGzipFile, zstandard.ZstdError, OSError)


def find_files(uri: str, field: str) -> list[str]:
    """URIs of the files that `uri` stands for, sorted: itself, or all below it where it is a folder or ends in "/".

    Names that begin with "_" or "." are left out, as by every data tool (_SUCCESS, .crc).

    Raises:
        InputError: there is none.
    """
    try:
        place = absolute(uri)
        if not place.startswith("file://"):
            return _below(place, field) if uri.endswith("/") else [place]
        path = local_path(place)
    except ValueError as error:
        raise InputError(field, str(error), "give a path, file://, s3:// or gs://") from error
    if path.is_dir():
        return _below(place, field)
    if not path.is_file():
        raise InputError(field, f"there is no file {uri}", "give a file, or a folder that ends in /")
    return [place]


def _below(place: str, field: str) -> list[str]:
    with _remote(place, field):
        names = Store.at(place).list()
    shown = [name for name in names if not any(part[:1] in ("_", ".") for part in name.split("/"))]
    if not shown:
        raise InputError(field, f"there are no files below {place}/", "give a folder that holds some")
    return [f"{place}/{name}" for name in shown]


def ending(uri: str) -> str:
    """The part of a file's name that tells its format, lower case, without a compression's: "ndjson"."""
    name = uri.rstrip("/").rpartition("/")[2].lower()
    for compressed in _COMPRESSED:
        name = name.removesuffix(compressed)
    return name.rpartition(".")[2] if "." in name else ""


@contextmanager
def open_bytes(uri: str, field: str) -> Iterator[io.BufferedIOBase]:
    """A stream over a file's content, decompressed where it is gzip or zstd (told by its first bytes).

    Raises:
        InputError: the file cannot be read, is not there or is damaged.
        TryAgainError: the store does not answer.
    """
    with _remote(uri, field), _raw(uri, field) as raw:
        start = raw.peek(4)[:4]
        stream = raw
        if start.startswith(_GZIP):
            stream = gzip.GzipFile(fileobj=raw)
        elif start == _ZSTD:
            stream = io.BufferedReader(_Zstd(raw), _CHUNK)
        try:
            yield stream
        except DAMAGE as error:
            raise InputError(field, f"{uri} is damaged: {error}", "give the file whole") from error


@contextmanager
def open_seekable(uri: str, field: str) -> Iterator[io.BufferedIOBase]:
    """A local file of the content, for formats that are not read from front to back (Parquet)."""
    place = absolute(uri)
    compressed = place.lower().endswith(_COMPRESSED)
    if place.startswith("file://") and not compressed:
        with _raw(uri, field) as raw:
            yield raw
        return
    with tempfile.TemporaryFile() as copy:
        with open_bytes(uri, field) as stream:
            shutil.copyfileobj(stream, copy, _CHUNK)
        copy.seek(0)
        yield copy


def _raw(uri: str, field: str) -> io.BufferedReader:
    place = absolute(uri)
    if not place.startswith("file://"):
        parent, _, name = place.rpartition("/")
        return io.BufferedReader(_Remote(Store.at(parent), name), _CHUNK)
    try:
        return Path(local_path(place)).open("rb")
    except OSError as error:
        raise InputError(field, f"cannot read {uri}: {error.strerror}", "give a readable file") from error


class _Zstd(io.RawIOBase):
    """Decompresses zstd frames one after another; unlike the library's reader it tells when the last one is cut."""

    def __init__(self, raw: io.BufferedReader) -> None:
        self._raw = raw
        self._frame = None
        self._left = b""
        self._out = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self._out:
            data = self._left or self._raw.read(_ZSTD_CHUNK)
            self._left = b""
            if not data:
                if self._frame is not None:
                    raise zstandard.ZstdError("the stream ends within a frame")
                return 0
            self._frame = self._frame or zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()
            self._out = memoryview(self._frame.decompress(data))
            if self._frame.eof:
                self._left, self._frame = self._frame.unused_data, None
        size = min(len(buffer), len(self._out))
        buffer[:size], self._out = self._out[:size], self._out[size:]
        return size


class _Remote(io.RawIOBase):
    """Reads an object of a store from front to back, one range at a time."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self._store.get_range(self._name, self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


@contextmanager
def _remote(uri: str, field: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(field, f"there is no {uri}", "give a file that is there") from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise InputError(field, f"may not read {uri}", "give credentials that may") from error
    except BaseError as error:
        raise TryAgainError(f"{field}: {uri} cannot be read now: {error}") from error
