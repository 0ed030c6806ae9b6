"""The Markdown pages of the checkout, cut into what the checks look at."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^\s*(```|~~~)")
_ITEM = re.compile(r"^\s*([-*+]|\d+\.)\s+")
_SENTENCE_END = re.compile(r"(?<!\bal\.)(?<!e\.g\.)(?<!i\.e\.)(?<=[.!?])[)\"*]*\s+")


@dataclass(frozen=True)
class Line:
    """One line of a page; number counts from 1."""

    number: int
    text: str
    kind: str  # "code", "table", "heading", "prose" or "blank"
    fence: str = ""  # language of the fenced block the line is in


@dataclass(frozen=True)
class Page:
    """A Markdown file; path is relative to the root of the checkout."""

    path: str
    lines: tuple[Line, ...]

    @property
    def words(self) -> int:
        """Words as `wc -w` counts them."""
        return sum(len(line.text.split()) for line in self.lines)


@dataclass(frozen=True)
class Sentence:
    """A sentence of prose and the line it begins on; inline code counts as one word."""

    line: int
    text: str

    @property
    def words(self) -> int:
        return sum(any(char.isalnum() for char in word) for word in self.text.split())


@cache
def pages() -> tuple[Page, ...]:
    """All pages that git tracks, or would track."""
    return tuple(Page(path, tuple(classified((ROOT / path).read_text(encoding="utf-8")))) for path in files("*.md"))


@cache
def files(*patterns: str) -> tuple[str, ...]:
    """Paths of the checkout that git tracks or would track and that match a pattern; all paths without patterns."""
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others"]
    listed = subprocess.run(
        [*command, "--exclude-standard", "--deduplicate", "--", *patterns], capture_output=True, text=True, check=True
    )
    return tuple(sorted(path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file()))


def classified(text: str) -> Iterator[Line]:
    """The lines of a Markdown text with their kinds."""
    fence = None
    before = "blank"
    in_list = False
    for number, line in enumerate(text.splitlines(), 1):
        if _FENCE.match(line):
            fence = None if fence is not None else line.strip().lstrip("`~")
            kind = "code"
        elif fence is not None:
            kind = "code"
        elif not line.strip():
            kind = "blank"
        elif (
            line.startswith("    ")
            and before in ("blank", "code", "heading")
            and not (in_list and before != "code")
            or in_list
            and line.startswith("        ")
        ):
            kind = "code"
        elif line.lstrip().startswith("|"):
            kind = "table"
        elif line.startswith("#"):
            kind = "heading"
        else:
            kind = "prose"
            in_list = bool(_ITEM.match(line)) or (in_list and (before == "prose" or line.startswith("  ")))
        if kind == "heading":
            in_list = False
        yield Line(number, line, kind, fence or "")
        if kind != "blank" or before != "code":
            before = kind


def sentences(page: Page) -> Iterator[Sentence]:
    """Every sentence of the page's prose; a list item or paragraph ends a sentence."""
    paragraph: list[Line] = []
    for line in (*page.lines, Line(0, "", "blank")):
        if paragraph and (line.kind != "prose" or _ITEM.match(line.text)):
            yield from _cut(paragraph)
            paragraph = []
        if line.kind == "prose":
            paragraph.append(line)


def _cut(paragraph: list[Line]) -> Iterator[Sentence]:
    starts, text = [], ""
    for line in paragraph:
        starts.append((len(text), line.number))
        text += _ITEM.sub("", line.text).strip() + " "
    # Same length, so that offsets still tell the line.
    blanked = re.sub(r"`[^`]*`", lambda code: "x" * len(code[0]), text)
    at = 0
    for end in (*(match.end() for match in _SENTENCE_END.finditer(blanked)), len(text)):
        shown = re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", blanked[at:end])
        if shown.strip():
            yield Sentence(max(number for start, number in starts if start <= at), shown.strip())
        at = end
