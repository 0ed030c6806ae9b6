"""The files that users name: on disk or in a store, one or many, plain or compressed."""

from __future__ import annotations

import gzip
import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zstandard

from sq_handoff import StorageAway, StorageRefused, Store
from sq_handoff.location import absolute, local_path
from sq_stagekit import InputError, TryAgainError

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_COMPRESSED = (".gz", ".zst", ".zstd")
_CHUNK = 8 << 20
_ZSTD_CHUNK = 64 << 10

# What reading a damaged compressed stream raises.
DAMAGE = (EOFError, gzip.BadGzipFile, zstandard.ZstdError, OSError)


def find_files(uri: str, field: str) -> list[str]:
    """URIs of the files that `uri` names, sorted: itself, or all files below it if it is a folder or ends in "/".

    Names that begin with "_" or "." are left out, as most data tools do (_SUCCESS, .crc).

    Raises:
        InputError: there is no such file.
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
        raise InputError(field, f"there are no files below {place}/", "give a folder with files")
    return [f"{place}/{name}" for name in shown]


def extension(uri: str) -> str:
    """The extension of a file's name in lower case, without that of a compression: "ndjson"; "" if it has none."""
    name = uri.rstrip("/").rpartition("/")[2].lower()
    for compressed in _COMPRESSED:
        name = name.removesuffix(compressed)
    return name.rpartition(".")[2] if "." in name else ""


@contextmanager
def open_bytes(uri: str, field: str) -> Iterator[io.BufferedIOBase]:
    """A stream over a file's content. Content that begins like gzip or zstd is decompressed.

    Raises:
        InputError: the file is missing, damaged or not readable.
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
            if getattr(error, "errno", None) is not None:
                raise  # The machine's own trouble, such as a full disk, is no damage of the file.
            raise InputError(field, f"{uri} is damaged: {error}", "give an undamaged file") from error


@contextmanager
def open_seekable(uri: str, field: str) -> Iterator[io.BufferedIOBase]:
    """A local file with the content, for formats that are not read from front to back (Parquet)."""
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
    """Decompresses zstd frames one after another. Unlike the library's reader it refuses a cut-off last frame."""

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
                    raise zstandard.ZstdError("the last frame is cut off")
                return 0
            self._frame = self._frame or zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()
            self._out = memoryview(self._frame.decompress(data))
            if self._frame.eof:
                self._left, self._frame = self._frame.unused_data, None
        size = min(len(buffer), len(self._out))
        buffer[:size], self._out = self._out[:size], self._out[size:]
        return size


class _Remote(io.RawIOBase):
    """Reads an object of a store from front to back, one range of bytes at a time."""

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
        raise InputError(field, f"{uri} does not exist", "give a file that exists") from error
    except StorageRefused as error:
        raise InputError(field, f"cannot read {uri}: {error.problem}", error.fix) from error
    except StorageAway as error:
        raise TryAgainError(f"{field}: cannot read {uri} now: {error.problem}; {error.fix}") from error
