"""Debian packages as a layer: their files, and their entries for scanners."""

from __future__ import annotations

import argparse
import gzip
import io
import lzma
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from archive import Layer
from bytecode import add_byte_code

_CERTIFICATES = "usr/share/ca-certificates/"
_BUNDLE = "etc/ssl/certs/ca-certificates.crt"

# Documentation, translations, and character sets that no program here reads.
_LEFT_OUT = (
    "usr/share/bug/",
    "usr/share/doc-base/",
    "usr/share/info/",
    "usr/share/lintian/",
    "usr/share/locale/",
    "usr/share/man/",
    "usr/lib/x86_64-linux-gnu/gconv/",
    "usr/share/zoneinfo/posix/",
    "usr/share/zoneinfo/right/",
)

_UNPACK: dict[str, Callable[[bytes], bytes]] = {".xz": lzma.decompress, ".gz": gzip.decompress, "": bytes}


def members(deb: bytes) -> dict[str, bytes]:
    """The members of an ar archive by name.

    Raises:
        ValueError: the file is not an ar archive.
    """
    if not deb.startswith(b"!<arch>\n"):
        raise ValueError("is not a Debian package")
    found, position = {}, 8
    while position + 60 <= len(deb):
        header = deb[position : position + 60]
        name, size = header[:16].decode().strip().rstrip("/"), int(header[48:58])
        found[name] = deb[position + 60 : position + 60 + size]
        position += 60 + size + size % 2
    return found


def _open(found: dict[str, bytes], stem: str) -> tarfile.TarFile:
    for suffix, unpack in _UNPACK.items():
        if stem + suffix in found:
            return tarfile.open(fileobj=io.BytesIO(unpack(found[stem + suffix])))
    raise ValueError(f"no {stem} with a known compression among {', '.join(found)}")


def _is_wanted(path: str) -> bool:
    if path.startswith("usr/share/doc/"):
        return PurePosixPath(path).name == "copyright"
    return not f"{path}/".startswith(_LEFT_OUT)


def _add_data(layer: Layer, data: tarfile.TarFile) -> None:
    for member in data:
        path = str(PurePosixPath(member.name))
        if path == "." or not _is_wanted(path):
            continue
        if member.isdir():
            # All files belong to the group root, so the bits for writing and setgid of the group have no use.
            sticky = member.mode & 0o1000
            layer.add_folder(path, member.mode & (0o1777 if sticky else 0o755))
        elif member.issym():
            layer.add_link(path, member.linkname)
        elif member.isreg() or member.islnk():
            file = data.extractfile(member)
            assert file
            layer.add_file(path, file.read(), bool(member.mode & 0o100))
        else:
            raise ValueError(f"{path} is not a file, a folder or a link")


def _add_status(layer: Layer, control: tarfile.TarFile) -> None:
    """Adds a file for each package, as images without dpkg do."""
    texts = {str(PurePosixPath(member.name)): control.extractfile(member) for member in control if member.isreg()}
    status = texts["control"].read()
    name = next(line[9:].decode() for line in status.split(b"\n") if line.startswith(b"Package: "))
    layer.add_file(f"var/lib/dpkg/status.d/{name}", status)
    if "md5sums" in texts:
        layer.add_file(f"var/lib/dpkg/status.d/{name}.md5sums", texts["md5sums"].read())


def _bundle_certificates(layer: Layer) -> None:
    """Writes all certificates to one file, as the package's own script does."""
    single = [path for path in sorted(layer.entries) if path.startswith(_CERTIFICATES) and path.endswith(".crt")]
    if single:
        layer.add_file(_BUNDLE, b"".join(layer.entries.pop(path)[1].rstrip(b"\n") + b"\n" for path in single))
        # Debian's OpenSSL reads this path.
        layer.add_link("usr/lib/ssl/cert.pem", f"/{_BUNDLE}")


def build(packages: list[Path], out: Path) -> None:
    """Writes the layer of packages."""
    layer = Layer()
    for package in packages:
        try:
            found = members(package.read_bytes())
            with _open(found, "data.tar") as data, _open(found, "control.tar") as control:
                _add_data(layer, data)
                _add_status(layer, control)
        except (ValueError, tarfile.TarError, lzma.LZMAError) as error:
            sys.exit(f"{package.name}: {error}")
    _bundle_certificates(layer)
    add_byte_code(layer)
    layer.write(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("packages", type=Path, nargs="+")
    flags = parser.parse_args()
    build(flags.packages, flags.out)
