"""Files of this repository as a layer, with the byte code of Python sources."""

from __future__ import annotations

import argparse
from pathlib import Path

from archive import Layer, Owner
from bytecode import add_byte_code


def folder(text: str) -> tuple[str, int, Owner]:
    """`tmp:1777:0:0`: path, mode, user and group."""
    path, mode, uid, gid = text.split(":")
    return path, int(mode, 8), Owner(int(uid), int(gid))


def build(lines: list[str], folders: list[tuple[str, int, Owner]], executables: set[str], out: Path) -> None:
    """Writes the layer.

    Args:
        lines: `source<TAB>path in the image`.
        executables: paths that get mode 0755, whatever the modes of their sources.
    """
    layer = Layer()
    for path, mode, owner in folders:
        layer.add_folder(path, mode, owner)
    for line in lines:
        source, path = line.split("\t")
        layer.add_file(path, Path(source).read_bytes(), path in executables)
    add_byte_code(layer)
    layer.write(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(allow_abbrev=False, fromfile_prefix_chars="@")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--folder", type=folder, action="append", default=[])
    parser.add_argument("--executable", action="append", default=[])
    parser.add_argument("--files", type=Path, required=True, help="file with lines of source, tab and path")
    flags = parser.parse_args()
    build(flags.files.read_text(encoding="utf-8").splitlines(), flags.folder, set(flags.executable), flags.out)
