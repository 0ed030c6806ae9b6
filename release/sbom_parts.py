"""The packages in an image, from the locks of its build and from what the image says about them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from packaging.utils import canonicalize_name, parse_wheel_filename

from release.debian_licence import debian_licence
from release.layouts import Image
from release.licence import Licence
from release.wheel_licence import wheel_licence

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
_DOC = PurePosixPath("usr/share/doc")

# The go command writes these marks around the list of modules in a binary.
_GO_START = bytes.fromhex("3077af0c9274080241e1c107e6d618e6")
_GO_VERSION = re.compile(rb"\xff Go buildinf:.{18}.go(\d+\.\d+(?:\.\d+)?)", re.DOTALL)
_GO_END = bytes.fromhex("f932433186182072008242104116d8f2")
_GO_LICENCE = Licence("", "a Go binary does not name the licences of its modules")


@dataclass(frozen=True, order=True)
class Package:
    """One package in an image. Scanners use its purl.

    Attributes:
        file: name of the file that was installed, and
        sha256: its sum; empty if there is no such file.
        go_sum: of a Go module: the sum over its files, as in go.sum.
    """

    name: str
    version: str
    purl: str
    file: str = ""
    sha256: str = ""
    licence: Licence = Licence()
    go_sum: str = ""


@dataclass(frozen=True)
class Said:
    """What an image says about its packages: METADATA by name of wheel, copyright file by name of Debian package."""

    metadata: Mapping[str, str]
    copyrights: Mapping[str, str]

    @classmethod
    def read(cls, image: Image) -> Said:
        metadata, copyrights, links = {}, {}, {}
        for layer in image.layers:
            for entry, data in layer.entries():
                path = PurePosixPath(entry.name)
                if path.name == "METADATA" and path.parent.name.endswith(".dist-info"):
                    metadata[canonicalize_name(path.parent.name.split("-")[0])] = data.decode()
                elif path.name == "copyright" and path.parent.parent == _DOC:
                    copyrights[path.parent.name] = data.decode(errors="replace")
                elif entry.issym() and path.parent == _DOC:
                    links[path.name] = entry.linkname
        copyrights |= {name: copyrights[other] for name, other in links.items() if other in copyrights}
        return cls(metadata, copyrights)


def debian(lock: Path, names: list[str], copyrights: Mapping[str, str]) -> list[Package]:
    """The named packages, with their versions and files in lock.json."""
    entries = {entry["package"]: entry for entry in json.loads(lock.read_text(encoding="utf-8"))}
    return [
        Package(
            name,
            entries[name]["version"],
            f"pkg:deb/debian/{quote(name)}@{quote(entries[name]['version'])}"
            f"?arch={entries[name]['architecture']}&distro=debian-12",
            PurePosixPath(entries[name]["filename"]).name,
            entries[name]["sha256"],
            debian_licence(name, copyrights.get(name)),
        )
        for name in names
    ]


def wheels(locks: list[Path], sums: list[Path], metadata: Mapping[str, str]) -> list[Package]:
    """Every wheel that the locks pin, once, with the file that was installed.

    Args:
        sums: sums of the installed files, as sha256sum writes them.

    Raises:
        ValueError: a wheel has no file, or more than one, or the image does not have it.
    """
    lines = {line for path in sums for line in path.read_text(encoding="utf-8").splitlines()}
    files: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for sha256, file in (line.split("  ") for line in sorted(lines)):
        name, version, *_ = parse_wheel_filename(file)
        files.setdefault((name, str(version)), []).append((file, sha256))
    pins = sorted({pin for lock in locks for pin in _PIN.findall(lock.read_text(encoding="utf-8"))})
    return [_wheel(name, version, files, metadata) for name, version in pins]


def _wheel(
    name: str, version: str, files: Mapping[tuple[str, str], list[tuple[str, str]]], metadata: Mapping[str, str]
) -> Package:
    own = canonicalize_name(name)
    found = files.get((own, version), [])
    if len(found) != 1:
        names = ", ".join(sorted(file for file, _ in found)) or "none"
        raise ValueError(f"{name}=={version}: the sums must name one file of it, and they name {names}: see wheel_sums")
    if own not in metadata:
        raise ValueError(f"{name}=={version}: the lock pins it, and no layer of the image has it")
    ((file, sha256),) = found
    return Package(name, version, f"pkg:pypi/{own}@{version}", file, sha256, wheel_licence(metadata[own]))


def go_modules(binary: Path) -> list[Package]:
    """The modules in a Go binary, the standard library first.

    Raises:
        ValueError: the binary has no list of modules.
    """
    data = binary.read_bytes()
    version = _GO_VERSION.search(data)
    if not version:
        raise ValueError(f"{binary} does not contain the version of Go")
    found = f"v{version[1].decode()}"
    library = Package("stdlib", found, f"pkg:golang/stdlib@{found}", licence=_GO_LICENCE)
    start = data.find(_GO_START)
    end = data.find(_GO_END, start)
    if min(start, end) < 0:
        raise ValueError(f"{binary} does not contain its list of modules")
    lines = data[start + len(_GO_START) : end].decode().split("\n")
    modules = [line.split("\t")[1:4] for line in lines if line.startswith("dep\t")]
    return [
        library,
        *(
            Package(path, version, f"pkg:golang/{path}@{version}", licence=_GO_LICENCE, go_sum="".join(sums))
            for path, version, *sums in modules
        ),
    ]
