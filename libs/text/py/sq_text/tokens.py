"""Words of a text and where they stand."""

from __future__ import annotations

from typing import NamedTuple

import regex

# A word: letters with their marks, and digits. An apostrophe stays inside a word (levi's), a full stop or comma
# inside a number (2.5); everything else, the hyphen of "t-shirt" too, parts words.
_WORD = regex.compile(r"(?:\p{N}+[.,](?=\p{N}))*[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*")


class Token(NamedTuple):
    """One word: `text` as it is written, code points `start` to `end` (exclusive) of the text it comes from."""

    text: str
    start: int
    end: int


def tokenise(text: str) -> list[Token]:
    """Words of `text` in order, without overlap; `text[token.start:token.end] == token.text`."""
    return [Token(match.group(), *match.span()) for match in _WORD.finditer(text)]
