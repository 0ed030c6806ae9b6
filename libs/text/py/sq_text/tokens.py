"""The words of a text and their positions."""

from __future__ import annotations

from typing import NamedTuple

import regex

# A word consists of letters with their marks, and digits. A word may contain an apostrophe (levi's), and a number may
# contain a full stop or comma (2.5). Everything else separates words, including the hyphen of "t-shirt".
_WORD = regex.compile(r"(?:\p{N}+[.,](?=\p{N}))*[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*")


class Token(NamedTuple):
    """One word as written, and its code points in the text: `start` to `end` (exclusive)."""

    text: str
    start: int
    end: int


def tokenise(text: str) -> list[Token]:
    """The words of `text`, in order, without overlap; `text[token.start:token.end] == token.text`."""
    return [Token(match.group(), *match.span()) for match in _WORD.finditer(text)]
