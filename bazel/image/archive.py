"""Layers: compressed archives whose bytes depend only on their files."""

from __future__ import annotations

import contextlib
import gzip
import io
import stat
import tarfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

ROOT_ID = 0


@dataclass(frozen=True)
class Owner:
    """Numeric ids. A layer has no user names."""

    uid: int = ROOT_ID
    gid: int = ROOT_ID


def _compressor(name: str, file: BinaryIO) -> contextlib.AbstractContextManager[Any]:
    """Chooses by the extension. Large layers are zstd: a sixth smaller than gzip, and faster to unpack."""
    if name.endswith(".zst"):
        # The locked wheel, which the caller put on the path. The output of Debian's zstd may change with its version.
        import zstandard

        return zstandard.ZstdCompressor(level=12).stream_writer(file, closefd=False)
    # Without these arguments, the header has the time and the name.
    return gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0, compresslevel=6)


@dataclass
class Layer:
    """The entries of a layer by path, without a leading slash. Later entries replace earlier ones."""

    entries: dict[str, tuple[tarfile.TarInfo, bytes]] = field(default_factory=dict)

    def add_file(self, path: str, data: bytes, executable: bool = False) -> None:
        """Adds a file that belongs to root, with mode 0644 or 0755."""
        info = self._entry(path, tarfile.REGTYPE, 0o755 if executable else 0o644)
        info.size = len(data)
        self.entries[info.name] = (info, data)

    def add_folder(self, path: str, mode: int = 0o755, owner: Owner = Owner()) -> None:
        info = self._entry(path, tarfile.DIRTYPE, mode)
        info.uid, info.gid = owner.uid, owner.gid
        self.entries[info.name] = (info, b"")

    def add_link(self, path: str, target: str) -> None:
        info = self._entry(path, tarfile.SYMTYPE, 0o777)
        info.linkname = target
        self.entries[info.name] = (info, b"")

    def add_disk_file(self, path: str, source: Path) -> None:
        """Adds a file from the disk. Only the executable bit of its mode is kept."""
        self.add_file(path, source.read_bytes(), bool(source.stat().st_mode & stat.S_IXUSR))

    def write(self, out: Path) -> None:
        """Writes the layer: sorted, with the time of the epoch, each folder before its entries."""
        entries = dict(self.entries)
        for path in self.entries:
            for folder in PurePosixPath(path).parents:
                if str(folder) not in entries and str(folder) != ".":
                    entries[str(folder)] = (self._entry(str(folder), tarfile.DIRTYPE, 0o755), b"")
        with (
            out.open("wb") as file,
            _compressor(out.name, file) as stream,
            tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive,
        ):
            for path in sorted(entries):
                info, data = entries[path]
                archive.addfile(info, io.BytesIO(data) if info.isreg() else None)

    @staticmethod
    def _entry(path: str, kind: bytes, mode: int) -> tarfile.TarInfo:
        if path.startswith("/") or ".." in PurePosixPath(path).parts:
            raise ValueError(f"{path}: a path in a layer must not start with a slash or contain ..")
        info = tarfile.TarInfo(str(PurePosixPath(path)))
        info.type, info.mode = kind, mode
        return info
