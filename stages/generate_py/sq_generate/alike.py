"""Finds queries that are classified alike, because they differ only in words that mean nothing here. Pure."""

from __future__ import annotations

from collections.abc import Callable

import regex

from sq_generate.junk import ATTACK_WORDS, is_mash, is_run
from sq_text import query_form

# The key of words that mean nothing. It is no word itself.
OTHER = "?"
_LETTERS_AND_DIGITS = regex.compile(r"[\p{L}\p{N}]+")


def word_key(word: str, knows: Callable[[str], bool]) -> str | None:
    """What of a word decides how a query is classified: the word, OTHER, or None if more than its words decides.

    Two queries of at most LONGEST_QUERY code points and MOST_WORDS words between single spaces are classified alike if
    the keys of their words are equal and none is None.

    Args:
        word: of a query, without spaces.
        knows: whether a tag may contain the word.
    """
    if word.isascii() and word.isdigit():
        return word if _is_one_character(word) or knows(word) else OTHER
    if not _is_plain(word) or is_run(word) or word in ATTACK_WORDS:
        return None
    # A query of only such words may be junk. With another word it is a search.
    if _is_one_character(word) or is_mash(word):
        return word
    return word if knows(word) else OTHER


def _is_plain(word: str) -> bool:
    """Letters and digits in normal form, which are one token. No escapes, no address and no markup has only these."""
    return _LETTERS_AND_DIGITS.fullmatch(word) is not None and word.isalnum() and query_form(word) == word


def _is_one_character(word: str) -> bool:
    return word == word[0] * len(word)
