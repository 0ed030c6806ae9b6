"""Reads and writes the version of an image in the BUILD file that declares it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VERSION = re.compile(r'((?:\bversion = |"org\.opencontainers\.image\.version": )")([^"]*)(")')
_NUMBERS = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
LEVELS = ("patch", "minor", "major")


class VersionError(ValueError):
    """A BUILD file declares no version, or one of another form. The message names both, and says what to do."""


@dataclass(frozen=True)
class Target:
    """The target of an image, like //stages/report_py:image."""

    label: str

    @property
    def build_file(self) -> str:
        package = self.label.removeprefix("//").partition(":")[0]
        return f"{package}/BUILD.bazel".lstrip("/")

    def _call(self, text: str) -> re.Match[str] | None:
        """The call that declares the target. Formatted calls end with a bracket at the start of a line."""
        name = re.escape(self.label.partition(":")[2])
        calls = re.finditer(r"^\w+\(\n(?:.*\n)*?\)$", text, re.MULTILINE)
        return next((one for one in calls if re.search(rf'^    name = "{name}",$', one[0], re.MULTILINE)), None)

    def version(self, text: str) -> str | None:
        """The version in the text of its BUILD file, or None if the file does not declare it."""
        call = self._call(text)
        found = call and _VERSION.search(call[0])
        return found[2] if found else None

    def declaration(self, text: str) -> str:
        """The call without its version, to tell whether something else in it changed."""
        call = self._call(text)
        return _VERSION.sub(r"\1\3", call[0]) if call else ""

    def with_version(self, text: str, version: str) -> str:
        call = self._call(text)
        if not call:
            raise VersionError(f"{self.build_file}: it does not declare {self.label}: format it with //:format")
        return text[: call.start()] + _VERSION.sub(rf"\g<1>{version}\3", call[0], count=1) + text[call.end() :]


def raised(version: str, level: str) -> str:
    """The next version by Semantic Versioning. Below 1.0.0, the minor number takes the place of the major one.

    Raises:
        VersionError: the version is not of the form 1.2.3.
    """
    numbers = _NUMBERS.fullmatch(version)
    if not numbers:
        raise VersionError(f"version: {version!r} is not of the form 1.2.3: correct it in the BUILD file")
    major, minor, patch = map(int, numbers.groups())
    if level == "major" and major:
        return f"{major + 1}.0.0"
    return f"{major}.{minor}.{patch + 1}" if level == "patch" else f"{major}.{minor + 1}.0"
