"""Writes the software bill of materials of one image: SPDX 2.3 JSON, from the locks of its build."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

_LABEL = "org.opencontainers.image."
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)

# The go command writes these marks around the list of modules in a binary.
_GO_START = bytes.fromhex("3077af0c9274080241e1c107e6d618e6")
_GO_VERSION = re.compile(rb"\xff Go buildinf:.{18}.go(\d+\.\d+(?:\.\d+)?)", re.DOTALL)
_GO_END = bytes.fromhex("f932433186182072008242104116d8f2")


@dataclass(frozen=True, order=True)
class Package:
    """One package in an image. Scanners use its purl."""

    name: str
    version: str
    purl: str
    sha256: str = ""


def debian(lock: Path, names: list[str]) -> list[Package]:
    """The named packages, with their versions in lock.json."""
    entries = {entry["package"]: entry for entry in json.loads(lock.read_text(encoding="utf-8"))}
    return [
        Package(
            name,
            entries[name]["version"],
            f"pkg:deb/debian/{quote(name)}@{quote(entries[name]['version'])}"
            f"?arch={entries[name]['architecture']}&distro=debian-12",
            entries[name]["sha256"],
        )
        for name in names
    ]


def wheels(locks: list[Path]) -> list[Package]:
    """Every wheel that the locks pin, once."""
    found = {
        Package(name, version, f"pkg:pypi/{name.lower()}@{version}")
        for lock in locks
        for name, version in _PIN.findall(lock.read_text(encoding="utf-8"))
    }
    return sorted(found)


def go_modules(binary: Path) -> list[Package]:
    """The modules in a Go binary, the standard library first.

    Raises:
        ValueError: the binary has no list of modules.
    """
    data = binary.read_bytes()
    version = _GO_VERSION.search(data)
    if not version:
        raise ValueError(f"{binary} does not contain the version of Go")
    library = Package("stdlib", f"v{version[1].decode()}", f"pkg:golang/stdlib@v{version[1].decode()}")
    start = data.find(_GO_START)
    end = data.find(_GO_END, start)
    if min(start, end) < 0:
        raise ValueError(f"{binary} does not contain its list of modules")
    lines = data[start + len(_GO_START) : end].decode().split("\n")
    modules = [line.split("\t")[1:3] for line in lines if line.startswith("dep\t")]
    return [library, *(Package(path, version, f"pkg:golang/{path}@{version}") for path, version in modules)]


def subject(layout: Path) -> tuple[str, str, str]:
    """Name, version and digest of an image, from its labels and its layout."""
    (descriptor,) = json.loads((layout / "index.json").read_bytes())["manifests"]
    blobs = layout / "blobs/sha256"
    manifest = json.loads((blobs / descriptor["digest"].removeprefix("sha256:")).read_bytes())
    config = json.loads((blobs / manifest["config"]["digest"].removeprefix("sha256:")).read_bytes())
    labels = config["config"]["Labels"]
    return labels[_LABEL + "title"], labels[_LABEL + "version"], descriptor["digest"]


def document(image: str, version: str, digest: str, packages: list[Package]) -> dict[str, Any]:
    """The SPDX document. Its time is the epoch, so that it depends only on the image."""
    subject = {
        "SPDXID": "SPDXRef-image",
        "name": image,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "primaryPackagePurpose": "CONTAINER",
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest.removeprefix("sha256:")}],
        "externalRefs": [_purl(f"pkg:oci/{image}@{quote(digest)}")],
    }
    parts = [_part(number, package) for number, package in enumerate(packages)]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": image,
        "documentNamespace": f"https://spdx.org/spdxdocs/{image}-{digest.removeprefix('sha256:')}",
        "creationInfo": {"created": "1970-01-01T00:00:00Z", "creators": ["Tool: sq"]},
        "documentDescribes": ["SPDXRef-image"],
        "packages": [subject, *parts],
        "relationships": [_relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-image")]
        + [_relation("SPDXRef-image", "CONTAINS", part["SPDXID"]) for part in parts],
    }


def _part(number: int, package: Package) -> dict[str, Any]:
    part = {
        "SPDXID": f"SPDXRef-{number}-{re.sub('[^A-Za-z0-9.-]', '-', package.name)}",
        "name": package.name,
        "versionInfo": package.version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "externalRefs": [_purl(package.purl)],
    }
    if package.sha256:
        part["checksums"] = [{"algorithm": "SHA256", "checksumValue": package.sha256}]
    return part


def _purl(locator: str) -> dict[str, str]:
    return {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}


def _relation(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def main() -> None:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--image", type=Path, required=True, help="layout of the image")
    parser.add_argument("--debian-lock", type=Path, required=True)
    parser.add_argument("--debian", action="append", default=[])
    parser.add_argument("--wheels", type=Path, action="append", default=[])
    parser.add_argument("--go", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, required=True)
    flags = parser.parse_args()
    packages = debian(flags.debian_lock, flags.debian) + wheels(flags.wheels)
    packages += sorted({module for binary in flags.go for module in go_modules(binary)})
    found = document(*subject(flags.image), packages)
    flags.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
