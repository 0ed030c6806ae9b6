"""The normal form of a text."""

from __future__ import annotations

import unicodedata

# Invisible characters that copy and paste leaves in queries. Joiners are kept: they can change the meaning of a word.
_INVISIBLE = dict.fromkeys([*range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0x85), *range(0x86, 0xA0)])
_INVISIBLE |= dict.fromkeys([0xAD, 0x180E, 0x200B, *range(0x2060, 0x2065), 0xFEFF, *range(0xFFF9, 0xFFFC)])
# Marks of the direction of writing, which keyboards and pages add to Arabic and Hebrew.
_INVISIBLE |= dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x2070)])


def normalise(text: str) -> str:
    """NFC, lower case, single spaces, no white space at the ends, no invisible characters.

    Idempotent. Never raises. A text of only white space becomes "".
    """
    if text.isascii():
        return " ".join(text.translate(_INVISIBLE).lower().split())
    lower = unicodedata.normalize("NFC", text.translate(_INVISIBLE)).lower()
    return " ".join(unicodedata.normalize("NFC", lower).split())
