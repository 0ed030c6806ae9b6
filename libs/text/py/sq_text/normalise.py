"""One spelling of a text."""

from __future__ import annotations

import unicodedata

# Invisible characters that copy and paste leaves in queries; joiners that change a word's meaning stay.
_INVISIBLE = dict.fromkeys([*range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0x85), *range(0x86, 0xA0)])
_INVISIBLE |= dict.fromkeys([0xAD, 0x200B, 0x2060, 0xFEFF])


def normalise(text: str) -> str:
    """NFC, lower case, each run of white space one space, none at the ends, no invisible characters.

    Idempotent. Never raises; a text of white space alone becomes "".
    """
    if text.isascii():
        return " ".join(text.translate(_INVISIBLE).lower().split())
    lower = unicodedata.normalize("NFC", text.translate(_INVISIBLE)).lower()
    return " ".join(unicodedata.normalize("NFC", lower).split())
