"""Writes the software bill of materials of one image: SPDX 2.3 JSON, from the locks of its build."""

from __future__ import annotations

import argparse
import json
import logging
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from release.layouts import Image
from release.sbom_parts import Package, Said, debian, go_modules, wheels

_LABEL = "org.opencontainers.image."


def document(image: Image, packages: list[Package]) -> dict[str, Any]:
    """The SPDX document. Its time is the epoch, so that it depends only on the image."""
    digest = image.digest
    subject = {
        "SPDXID": "SPDXRef-image",
        "name": image.name,
        "versionInfo": image.config["config"]["Labels"][_LABEL + "version"],
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "primaryPackagePurpose": "CONTAINER",
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest.removeprefix("sha256:")}],
        "externalRefs": [_purl(f"pkg:oci/{image.name}@{quote(digest)}")],
    }
    parts = [_part(number, package) for number, package in enumerate(packages)]
    texts = sorted({text for package in packages for text in package.licence.texts})
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": image.name,
        "documentNamespace": f"https://spdx.org/spdxdocs/{image.name}-{digest.removeprefix('sha256:')}",
        "creationInfo": {"created": "1970-01-01T00:00:00Z", "creators": ["Tool: sq"]},
        "documentDescribes": ["SPDXRef-image"],
        "packages": [subject, *parts],
        "relationships": [_relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-image")]
        + [_relation("SPDXRef-image", "CONTAINS", part["SPDXID"]) for part in parts],
        "hasExtractedLicensingInfos": [{"licenseId": one, "extractedText": text} for one, text in texts],
    }


def _part(number: int, package: Package) -> dict[str, Any]:
    part = {
        "SPDXID": f"SPDXRef-{number}-{re.sub('[^A-Za-z0-9.-]', '-', package.name)}",
        "name": package.name,
        "versionInfo": package.version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseDeclared": package.licence.expression or "NOASSERTION",
        "licenseComments": package.licence.comment,
        "externalRefs": [_purl(package.purl)],
    }
    if package.sha256:
        part["packageFileName"] = package.file
        part["checksums"] = [{"algorithm": "SHA256", "checksumValue": package.sha256}]
    if package.go_sum:
        # Over the list of a module's files, so it is no checksum of SPDX, which is over one file.
        part["externalRefs"].append(_reference("OTHER", "go-sum", package.go_sum))
    return part


def _purl(locator: str) -> dict[str, str]:
    return _reference("PACKAGE-MANAGER", "purl", locator)


def _reference(category: str, kind: str, locator: str) -> dict[str, str]:
    return {"referenceCategory": category, "referenceType": kind, "referenceLocator": locator}


def _relation(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def main() -> None:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--image", type=Path, required=True, help="layout of the image")
    parser.add_argument("--debian-lock", type=Path, required=True)
    parser.add_argument("--debian", action="append", default=[])
    parser.add_argument("--wheels", type=Path, action="append", default=[], help="file that pins wheels")
    parser.add_argument("--wheel-sums", type=Path, action="append", default=[], help="sums of the installed wheels")
    parser.add_argument("--go", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, required=True)
    flags = parser.parse_args()
    # python-debian says so when it corrects the address of the format.
    logging.getLogger("debian").setLevel(logging.ERROR)
    image = Image.open(flags.image)
    said = Said.read(image)
    packages = debian(flags.debian_lock, flags.debian, said.copyrights)
    packages += wheels(flags.wheels, flags.wheel_sums, said.metadata)
    packages += sorted({module for binary in flags.go for module in go_modules(binary)})
    found = document(image, packages)
    flags.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
