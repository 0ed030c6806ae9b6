"""Recognises queries that are not searches for products."""

from __future__ import annotations

import regex

LONGEST_QUERY = 200
MOST_WORDS = 30
_SHOWN = 80

_URL = regex.compile(
    r"https?:|www\.|^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*\.(com|net|org|info|biz|html?|php|aspx?|co\.uk|de|fr|it|es|io)(/\S*)?$"
)
_EMAIL = regex.compile(r"([\p{L}\p{N}._%+-]+)@([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)")
_MARKUP = regex.compile(r"</?[a-z!][^<>]*>|<script|<!--|&(lt|gt|amp|quot|#x?[0-9a-f]+);|javascript:")
# What vulnerability scanners send: SQL, template and path injection.
_INJECTION = regex.compile(
    r"""\bunion\b.{0,40}\bselect\b|\bselect\b.{0,80}\bfrom\b.{0,80}(\bwhere\b|;|--)
    |[;'"]\s*(drop|alter|insert|delete|update|exec)\b|\b(drop|alter)\s+table\b.*(;|--)|['"]\s*(or|and)\s+['"]?\w+['"]?\s*=|\b(or|and)\s+1\s*=\s*1\b
    |\b(sleep|benchmark|pg_sleep|extractvalue|updatexml|waitfor\s+delay)\s*[('"]|\$\{\s*(jndi|[^}]*:)|\{\{.*\}\}
    |\.\./\.\.|\.\.\\|/etc/passwd|\bcmd\.exe\b|<\?php|\bsqlmap\b|\bacunetix\b|%00|%27|\\x[0-9a-f]{2}""",
    regex.VERBOSE,
)
_LETTER_RUN = regex.compile(r"([^\W\d_x])\1{5,}")
_SAME_CHARACTER = regex.compile(r"(.)\1{4,}")
_REPEATED_GROUP = regex.compile(r"(\p{L}{2,4})\1{2,}\p{L}{0,3}")
_NO_VOWELS = regex.compile(r"[b-df-hj-np-tv-xz]{7,}")
_KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn")
# Names of keyboards, which people search for.
_KEYBOARD_NAMES = frozenset(["qwerty", "qwertz", "azerty"])
_SHORTEST_WALK = 5
_KEY_GROUPS = regex.compile("(asdf|sdfg|dfgh|fghj|ghjk|hjkl|jkl|qwer|zxcv|yxcv)+;?")


def junk_reason(text: str) -> str:
    """Why a query in normal form is junk, or "" for a search.

    The reasons: EMPTY, TOO_LONG, URL, EMAIL, MARKUP, INJECTION, NO_LETTERS_OR_DIGITS, REPEATED_CHARACTER,
    KEYBOARD_MASH. Those of UNLESS_TAGGED do not count if the query has a tag, which the caller knows.
    """
    if not text:
        return "EMPTY"
    if _EMAIL.search(text):
        return "EMAIL"
    if _INJECTION.search(text):
        return "INJECTION"
    if _MARKUP.search(text):
        return "MARKUP"
    if _URL.search(text):
        return "URL"
    if len(text) > LONGEST_QUERY or text.count(" ") >= MOST_WORDS:
        return "TOO_LONG"
    if not any(character.isalnum() for character in text):
        return "NO_LETTERS_OR_DIGITS"
    if _is_repeated(text):
        return "REPEATED_CHARACTER"
    if all(_is_mash(word) for word in text.split()):
        return "KEYBOARD_MASH"
    return ""


# Reasons that a tag overrules: a query for a known brand or size is not junk.
UNLESS_TAGGED = frozenset(["REPEATED_CHARACTER", "KEYBOARD_MASH"])


def example(text: str) -> str:
    """A junk query as it may be shown: shortened, and without the name in an e-mail address."""
    shown = _EMAIL.sub(r"…@\2", text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _is_repeated(text: str) -> bool:
    letters = text.replace(" ", "")
    return _SAME_CHARACTER.fullmatch(letters) is not None or _LETTER_RUN.search(text) is not None


def _is_mash(word: str) -> bool:
    return _REPEATED_GROUP.fullmatch(word) is not None or _NO_VOWELS.fullmatch(word) is not None or _is_walk(word)


def _is_walk(word: str) -> bool:
    """True for neighbouring keys in either direction, or groups of them: "asdfg", "poiuy", "asdfasdf"."""
    if word in _KEYBOARD_NAMES:
        return False
    if len(word) >= _SHORTEST_WALK and any(word in row or word in row[::-1] for row in _KEYBOARD_ROWS):
        return True
    return _KEY_GROUPS.fullmatch(word) is not None
