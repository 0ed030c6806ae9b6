"""The licences that the copyright file of a Debian package names, if it is machine-readable (DEP 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from debian.copyright import Copyright, MachineReadableFormatError, NotMachineReadableError

from release.licence import Licence, canonical

# Short names of DEP 5 that SPDX spells otherwise, and some that it spells alike. "MIT" may be one of several texts.
_NAMES = {"Expat": "MIT", "BSD-2-clause": "BSD-2-Clause", "BSD-3-clause": "BSD-3-Clause"}
_SAME = {"Apache-2.0", "CC0-1.0", "ISC", "MPL-1.1", "MPL-2.0", "Zlib"}
_GNU = re.compile(r"(L?GPL)-(\d)(\.\d)?(\+?)")
_OTHER = re.compile(r"[^A-Za-z0-9.-]+")
_COMMENT = "every licence that Debian's copyright file names for the source package"


def debian_licence(package: str, copyright_file: str | None) -> Licence:
    """All licences of the file, joined by AND. Those that SPDX does not list are LicenseRef, with their text.

    Args:
        copyright_file: its content; None if the image has none.
    """
    if copyright_file is None:
        return Licence("", "the image has no copyright file of this package")
    try:
        parsed = Copyright(copyright_file.splitlines(keepends=True), strict=False)
    except (NotMachineReadableError, MachineReadableFormatError):
        return Licence("", f"usr/share/doc/{package}/copyright is not machine-readable")
    texts = dict(_texts(parsed))
    parts, used = set(), {}
    for paragraph in parsed.all_files_paragraphs():
        synopsis = " ".join(paragraph.license.synopsis.split()) if paragraph.license else ""
        words, names = _alternatives(synopsis)
        ids = {name: _spdx(name) or _reference(package, name) for name in names}
        used |= {ids[name]: texts.get(name) or _unnamed(package, name) for name in names if not _spdx(name)}
        parts |= {f" {words} ".join(ids[name] for name in names)} if names else set()
    if not parts:
        return Licence("", f"usr/share/doc/{package}/copyright names no licence")
    joined = " AND ".join(f"({one})" if " OR " in one and len(parts) > 1 else one for one in sorted(parts))
    return Licence(joined, _COMMENT, tuple(sorted(used.items())))


def _texts(parsed: Copyright) -> Iterator[tuple[str, str]]:
    """Name and text of each licence. Those of the last part of the file count more."""
    for paragraph in [*parsed.all_files_paragraphs(), *parsed.all_license_paragraphs()]:
        if paragraph.license and paragraph.license.text:
            yield " ".join(paragraph.license.synopsis.split()), paragraph.license.text


def _alternatives(synopsis: str) -> tuple[str, list[str]]:
    """`A or B` or `A and B`: OR or AND, and its names. What combines more than that is one name."""
    for word in ("or", "and"):
        names = synopsis.split(f" {word} ")
        if len(names) > 1 and not any(re.search(r",|\s", name) for name in names):
            return word.upper(), names
    return "AND", [synopsis] if synopsis else []


def _spdx(name: str) -> str:
    """The SPDX id of a short name, or an empty text."""
    gnu = _GNU.fullmatch(name)
    if gnu:
        kind, major, minor, later = gnu.groups()
        return canonical(f"{kind}-{major}{minor or '.0'}-{'or-later' if later else 'only'}")
    return _NAMES.get(name) or (name if name in _SAME else "")


def _reference(package: str, name: str) -> str:
    return "LicenseRef-Debian-" + _OTHER.sub("-", f"{package}-{name}").strip("-")


def _unnamed(package: str, name: str) -> str:
    return f"usr/share/doc/{package}/copyright names {name!r} without its text."
