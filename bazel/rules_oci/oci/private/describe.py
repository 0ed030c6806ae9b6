"""describe.py LAYER LABEL OUT: writes the description of a layer for manifest, configuration and history."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


def compression(path: Path) -> str:
    """The compression by the first bytes, whatever the name: "gzip", "zstd", or "" for a plain archive."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(_GZIP):
        return "gzip"
    return "zstd" if head == _ZSTD else ""


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.read(_CHUNK), b"")


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(wbits=31)
    for chunk in chunks:
        while chunk:
            yield stream.decompress(chunk)
            chunk = b""
            if stream.eof:
                # A gzip file may have several members.
                chunk, stream = stream.unused_data, zlib.decompressobj(wbits=31)
    yield stream.flush()


def _unzstd(path: Path) -> Iterator[bytes]:
    program = shutil.which("zstd")
    if not program:
        raise SystemExit(f"{path} is compressed by zstd, and zstd is not installed: install the package zstd")
    # From stdin, because zstd refuses links, and inputs of actions are links.
    with (
        path.open("rb") as file,
        subprocess.Popen([program, "-dc"], stdin=file, stdout=subprocess.PIPE) as process,
    ):
        assert process.stdout
        yield from _chunks(process.stdout)
    if process.returncode:
        raise SystemExit(f"zstd cannot read {path}")


def _sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


def describe(path: Path, label: str) -> dict[str, str | int]:
    """Digest and size as stored, compression, the digest of the archive inside, and the label that made it."""
    if path.is_dir():
        raise SystemExit(
            f"tars: {label} is a directory, and a layer is an archive: pack it with a rule that makes a .tar"
        )
    kind = compression(path)
    with path.open("rb") as file:
        digest = _sha256(_chunks(file))
    if kind == "zstd":
        diff_id = _sha256(_unzstd(path))
    elif kind == "gzip":
        with path.open("rb") as file:
            diff_id = _sha256(_gunzip(_chunks(file)))
    else:
        diff_id = digest
    size = path.stat().st_size
    return {"digest": digest, "size": size, "compression": kind, "diff_id": diff_id, "label": label}


def main(arguments: list[str]) -> None:
    layer, label, out = arguments
    Path(out).write_text(json.dumps(describe(Path(layer), label)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
