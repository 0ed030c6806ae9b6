"""The commands and labels that pages show."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from pages import ROOT, Page, files

_LABEL = re.compile(
    r"(?<![\w:/@.])//(?!visibility:|go:|oci:|cosign:)(?P<package>[\w/-]*(?:\.\.\.)?)(?P<name>:[\w+-]+(?:\.[\w+-]+)*)?"
)
_LOAD = re.compile(r'load\(\s*"([^"]+)"')
_COMMENT = re.compile(r"\s{2,}\S.*|\s#.*")


@dataclass(frozen=True)
class Shown:
    """Something a page shows, and where."""

    page: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"


def command_lines(page: Page) -> Iterator[Shown]:
    """Commands of code blocks, continued lines joined and remarks behind them removed; then those of inline code."""
    joined, start = "", 0
    for line in page.lines:
        if line.kind == "code" and not line.text.lstrip().startswith("`"):
            start = start if joined else line.number
            text = joined + line.text.strip()
            joined = text[:-1] if text.endswith("\\") else ""
            if not joined:
                yield Shown(page.path, start, _COMMENT.sub("", text))
        elif line.kind in ("prose", "table"):
            for code in re.findall(r"`([^`]+)`", line.text):
                yield Shown(page.path, line.number, code)


def arguments(shown: Shown, prefix: str) -> list[str] | None:
    """What stands behind a prefix of a command, split as a shell does; None for another command."""
    if shown.text != prefix and not shown.text.startswith(prefix + " "):
        return None
    return shlex.split(shown.text[len(prefix) :].replace("[", "").replace("]", ""))


def labels(page: Page) -> Iterator[Shown]:
    """Labels of the repository that a page names; no label with a placeholder."""
    for line in page.lines:
        for match in _LABEL.finditer(line.text):
            # `//release:<image>.sbom` has a placeholder: it names no target.
            if (match["package"] or match["name"]) and not line.text[match.end() :].startswith((":", "<")):
                yield Shown(page.path, line.number, match[0])


@cache
def target_exists(label: str) -> bool:
    """Whether BUILD files have the target of a label; a name that a macro makes is put together from its parts."""
    package, _, name = label.removeprefix("//").partition(":")
    package = package.rstrip("/")
    if package == "..." or package.endswith("/..."):
        folder = package.removesuffix("...")
        return any(path.startswith(folder) and path.endswith("BUILD.bazel") for path in files())
    build = PurePosixPath(package) / "BUILD.bazel"
    if str(build) not in files():
        return False
    name = name or PurePosixPath(package).name
    if name in ("all", "__pkg__") or str(PurePosixPath(package) / name) in files():
        return True
    text = (ROOT / build).read_text(encoding="utf-8")
    loaded = "".join(_source(label, package) for label in _LOAD.findall(text))
    quoted = set(re.findall(r'"([^"\s]+)"', text + loaded))
    # "sq-report.push" is "sq-report" and ".push"; "image.load" may be "image" and ".load".
    cuts = [(name[:at], name[at:]) for at in range(1, len(name)) if name[at] == "."]
    return name in quoted or any(head in quoted and _macro_adds(tail, loaded) for head, tail in cuts)


def _macro_adds(suffix: str, source: str) -> bool:
    """Whether a macro names targets with this suffix."""
    return f'"{suffix}"' in source or f'%s{suffix}"' in source or f'{{}}{suffix}"' in source


def _source(label: str, package: str) -> str:
    """A .bzl file, and those it loads."""
    if label.startswith("@"):
        label = label.replace("@rules_oci//", "//bazel/rules_oci/")
    folder, _, name = label.removeprefix("//").partition(":")
    path = ROOT / (folder if label.startswith("//") else package) / name
    if not path.is_file():
        return ""
    text = path.read_text(encoding="utf-8")
    at = str(path.parent.relative_to(ROOT))
    return text + "".join(_source(inner, at) for inner in _LOAD.findall(text))
