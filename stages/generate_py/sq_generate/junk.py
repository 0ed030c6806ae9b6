"""Recognises queries that are not searches for products."""

from __future__ import annotations

import regex

LONGEST_QUERY = 200
MOST_WORDS = 30
_SHOWN = 80
_PUNCTUATION = ".,;:()[]\"'"

_URL = regex.compile(
    r"https?:|www\.|^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*\.(com|net|org|info|biz|html?|php|aspx?|co\.uk|de|fr|it|es|io)(/\S*)?$"
)
_EMAIL = regex.compile(r"([\p{L}\p{N}._%+-]+)@([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)")
# Elements of HTML. "<usb>" is none.
_MARKUP = regex.compile(
    r"""</?(?:a|b|i|u|p|br|hr|em|img|div|span|strong|script|style|iframe|svg|body|html|head|input|form|table|t[rdh]|ul|ol|li
    |h[1-6]|font|center|object|embed|link|meta|video|audio|button|textarea|title|!doctype)(?:\s[^<>]*|/)?>
    |<script|<!--|<\?(?:php|xml)|javascript:""",
    regex.VERBOSE,
)
# What vulnerability scanners send, and no shopper.
_ATTACK = regex.compile(
    r"""['"]\s*(?:or|and)\s+['"]?\w+['"]?\s*=|\b(?:or|and)\s+1\s*=\s*1\b|\$\{\s*(?:jndi|[^}]*:)|\{\{.*\}\}
    |\b(?:pg_sleep|extractvalue|updatexml|load_file)\s*\(|\bwaitfor\s+delay\b|@@version\b|\b(?:information_schema|xp_cmdshell)\b
    |\.\./\.\.|\.\.\\|/etc/passwd|\bcmd\.exe\b|\bsqlmap\b|\bacunetix\b|%00|\\x[0-9a-f]{2}""",
    regex.VERBOSE,
)
# Each may stand in a search for a product: 33" drop in sink, union select valve, perfect sleep (queen). Two are SQL.
_SIGNS_OF_SQL = tuple(
    regex.compile(sign)
    for sign in (
        r"\bunion\b.{0,40}\bselect\b",
        r"\bselect\b.{0,80}\bfrom\b.{0,80}(?:\bwhere\b|;|--)",
        r"\bunion\s+all\b|\bnull\s*,\s*null\b",
        r"(?:;|(?<![\p{N}\s])['\"])\s*(?:drop|alter|insert|delete|update|exec|select)\b",
        r"\b(?:drop|alter|truncate)\s+(?:table|database|schema)\b|\b(?:insert\s+into|delete\s+from)\b",
        r"\b(?:sleep|benchmark)\s*\(\s*\d+\s*[,)]",
        r"\b(?:and|or|select)\s+(?:sleep|benchmark)\s*\(",
        r"(?:--|/\*|#)\s*$|/\*.*\*/",
        r"\bconcat\s*\(|\bchr?\s*\(\s*\d|\bchar\s*\(\s*\d",
    )
)
_ENOUGH_SIGNS = 2
# An attack of only letters, digits and spaces has one of these words.
ATTACK_WORDS = frozenset(
    ["waitfor", "sqlmap", "acunetix", "union", "select", "drop", "alter", "truncate", "insert", "delete"]
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
    KEYBOARD_MASH. The caller knows the catalogue: those of UNLESS_TAGGED do not count if the query has a tag, and those
    of UNLESS_KNOWN do not count if the catalogue has all its words.
    """
    if not text:
        return "EMPTY"
    if _EMAIL.search(text):
        return "EMAIL"
    if _is_attack(text):
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
    if all(is_mash(word) for word in text.split()):
        return "KEYBOARD_MASH"
    return ""


# Reasons that a tag overrules: a query for a known brand or size is not junk.
UNLESS_TAGGED = frozenset(["REPEATED_CHARACTER", "KEYBOARD_MASH"])
# Reasons that the catalogue's words overrule.
UNLESS_KNOWN = UNLESS_TAGGED | {"URL", "INJECTION"}


def words_of(text: str) -> list[str]:
    """The words of a query as they are written between spaces, without the punctuation around them."""
    return [word for raw in text.split() if (word := raw.strip(_PUNCTUATION))]


def example(text: str) -> str:
    """A junk query as it may be shown: shortened, and without the name in an e-mail address."""
    shown = _EMAIL.sub(r"…@\2", text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _is_attack(text: str) -> bool:
    if _ATTACK.search(text) is not None:
        return True
    return sum(sign.search(text) is not None for sign in _SIGNS_OF_SQL) >= _ENOUGH_SIGNS


def _is_repeated(text: str) -> bool:
    letters = text.replace(" ", "")
    return _SAME_CHARACTER.fullmatch(letters) is not None or is_run(text)


def is_run(text: str) -> bool:
    """Whether it contains one letter six times in a row. Sizes such as "xxxxxxl" do not count."""
    return _LETTER_RUN.search(text) is not None


def is_mash(word: str) -> bool:
    """Whether it looks like fingers that ran over a keyboard. A query of only such words is KEYBOARD_MASH."""
    return _REPEATED_GROUP.fullmatch(word) is not None or _NO_VOWELS.fullmatch(word) is not None or _is_walk(word)


def _is_walk(word: str) -> bool:
    """True for neighbouring keys in either direction, or groups of them: "asdfg", "poiuy", "asdfasdf"."""
    if word in _KEYBOARD_NAMES:
        return False
    if len(word) >= _SHORTEST_WALK and any(word in row or word in row[::-1] for row in _KEYBOARD_ROWS):
        return True
    return _KEY_GROUPS.fullmatch(word) is not None
