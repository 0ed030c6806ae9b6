"""Links of the pages lead to files and headings that are there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from posixpath import normpath

import pytest
from pages import ROOT, Page, classified, pages

_LINK = re.compile(r"\[(?:[^][]|\[[^]]*\])*\]\(([^)\s]+)\)")
_ELSEWHERE = re.compile(r"^[a-z]+:")


def anchors(page: Page) -> set[str]:
    """Anchors that GitHub gives the headings of a page."""
    seen: Counter[str] = Counter()
    found = set()
    for line in page.lines:
        if line.kind == "heading":
            title = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", line.text.lstrip("#").strip()).lower()
            slug = re.sub(r"[^\w\- ]", "", title).replace(" ", "-")
            found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
            seen[slug] += 1
    return found


def broken(page: Page, others: dict[str, Page]) -> list[str]:
    """One line for each link of a page that leads nowhere."""
    found = []
    for line in page.lines:
        if line.kind == "code":
            continue
        for target in _LINK.findall(re.sub(r"`[^`]*`", "code", line.text)):
            if _ELSEWHERE.match(target):
                continue
            path, _, anchor = target.partition("#")
            to = normpath(str(PurePosixPath(page.path).parent / path)) if path else page.path
            if to not in others and not (ROOT / to).exists():
                found.append(f"{page.path}:{line.number}: {target}: there is no {to}")
            elif anchor and anchor not in anchors(others[to]):
                found.append(f"{page.path}:{line.number}: {target}: {to} has no heading for #{anchor}")
    return found


def test_links_lead_somewhere() -> None:
    by_path = {page.path: page for page in pages()}
    found = [text for page in pages() for text in broken(page, by_path)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("[a](README.md)", None),
        ("[a](https://example.com/x)", None),
        ("[a](#a-heading-of-ours)", None),
        ("[`a`](missing.md)", "there is no missing.md"),
        ("[a](#other)", "no heading for #other"),
    ],
)
def test_a_broken_link_is_named(link: str, problem: str | None) -> None:
    page = Page("page.md", tuple(classified(f"# A heading: of `ours`\n\nSee {link}.\n")))
    found = broken(page, {page.path: page})
    assert found == [] if problem is None else problem in found[0]
