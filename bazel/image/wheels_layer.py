"""Installed wheels as a layer: those of some locks without those of others."""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from archive import Layer
from bytecode import add_byte_code

SITE = "app/site"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)

# No program needs these. Byte code is compiled again; the other files serve to install, compile and test.
_ENDINGS = (".pyc", ".pyi", ".pyx", ".pxd", ".pxi", ".h", ".hpp", ".c", ".cpp", ".a", ".lib", "py.typed")
_FOLDERS = {"tests", "testing_data", "include"}

# Parts of large wheels that no program here loads. Second copies of libraries too: wheels have them, because a wheel
# cannot contain links.
_PARTS = (
    "PIL/_avif.*.so",
    "PIL/_imagingft.*.so",
    "PIL/_imagingtk.*.so",
    "duckdb/experimental/*",
    "onnxruntime/quantization/*",
    "onnxruntime/tools/*",
    "onnxruntime/transformers/*",
    "pyarrow/*_parquet_encryption.*",
    "pyarrow/_*orc.*.so",
    "pyarrow/_pyarrow_cpp_tests.*",
    "pyarrow/*flight*.so*",
    "pyarrow/_[ag]*fs.*.so",
    "pyarrow/_hdfs.*.so",
    "pyarrow/_substrait.*.so",
    "pyarrow/*s3*.so*",
    "pyarrow/libarrow_python*.so",
    "pyarrow/libarrow_python*.so.*.*.*",
    "pillow.libs/libavif-*",
    "pillow.libs/libfreetype-*",
    "pillow.libs/libharfbuzz-*",
    "prophet/stan_model/cmdstan-*",
    "prophet/stan_model/prophet",
    "pygments/lexers/[!_]*.py",
    "zstandard/_cffi.*.so",
)

_INSTALLERS = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_cache.json"}


def normal(name: str) -> str:
    """The normalised name of a distribution (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(locks: list[Path]) -> dict[str, str]:
    """Name and version of each wheel that locks pin."""
    return {normal(name): version for lock in locks for name, version in _PIN.findall(lock.read_text(encoding="utf-8"))}


def installed(site: Path) -> dict[str, tuple[str, Path]]:
    """Name to version and dist-info folder of each wheel in site."""
    found = {}
    for info in site.glob("*.dist-info"):
        name, version = info.name.removesuffix(".dist-info").rsplit("-", 1)
        found[normal(name)] = (version, info)
    return found


def _is_wanted(path: PurePosixPath) -> bool:
    if path.parts[0] in ("..", "bin") or path.is_absolute() or _FOLDERS.intersection(path.parts[:-1]):
        return False
    if path.parent.name.endswith(".dist-info"):
        return path.name not in _INSTALLERS
    return not path.name.endswith(_ENDINGS) and not any(fnmatchcase(str(path), part) for part in _PARTS)


def files(info: Path) -> Iterator[PurePosixPath]:
    """The files in a distribution's RECORD that a program may need."""
    with (info / "RECORD").open(encoding="utf-8", newline="") as record:
        for row in csv.reader(record):
            path = PurePosixPath(row[0])
            if _is_wanted(path):
                yield path


def build(site: Path, wanted: dict[str, str], out: Path) -> None:
    """Writes the layer.

    Raises:
        SystemExit: site lacks a distribution, or has another version of it.
    """
    found = installed(site)
    layer = Layer()
    for name, version in sorted(wanted.items()):
        have, info = found.get(name, ("no version", site))
        if have != version:
            sys.exit(f"{name}: the lock has {version}, and the tree has {have}: run bazelw run //bazel/image:lock")
        for path in files(info):
            layer.add_disk_file(f"{SITE}/{path}", site / path)
    add_byte_code(layer)
    layer.write(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--site", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True, help="folder of the locked zstandard")
    parser.add_argument("--lock", type=Path, action="append", required=True)
    parser.add_argument("--without", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, required=True)
    flags = parser.parse_args()
    sys.path.append(str(flags.library))
    below = pins(flags.without)
    build(flags.site, {name: version for name, version in pins(flags.lock).items() if name not in below}, flags.out)
