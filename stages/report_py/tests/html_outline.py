"""A page as a test sees it: its elements, outline and tables, by html.parser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "link", "hr", "input"}


@dataclass
class Table:
    caption: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


class Page(HTMLParser):
    """Parses strictly: an element left open or closed twice is an error.

    Attributes:
        elements: (tag, attributes) in order.
        headings: (level, text).
    """

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[int, str]] = []
        self.tables: list[Table] = []
        self.text = ""
        self._open: list[str] = []
        self._words = ""
        self.feed(html.decode())
        self.close()
        assert self._open == [], f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in VOID:
            return
        self._open.append(tag)
        if tag == "table":
            self.tables.append(Table())
        elif tag == "tr" and "tbody" in self._open:
            self.tables[-1].rows.append([])
        if tag in ("th", "td", "caption") or tag[1:].isdigit():
            self._words = ""

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1] == tag, f"</{tag}> inside <{self._open[-1]}>"
        words = " ".join(self._words.split())
        if tag == "caption":
            self.tables[-1].caption = words
        elif tag in ("th", "td"):
            (self.tables[-1].rows[-1] if "tbody" in self._open else self.tables[-1].head).append(words)
        elif tag[1:].isdigit():
            self.headings.append((int(tag[1:]), words))
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._words += data
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def words(made: Page) -> str:
    return " ".join(made.text.split())
