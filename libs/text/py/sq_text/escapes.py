"""Undoes escapes that pages and addresses leave in queries: "&amp;", "%27"."""

from __future__ import annotations

import html
from urllib.parse import unquote_to_bytes

import regex

from sq_text.normalise import normalise

_PERCENT = regex.compile(r"(?:%[0-9a-f]{2})+")
# With the semicolon, because "at&t" and "b&q" have none.
_ENTITY = regex.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});")


def query_form(text: str) -> str:
    """The normal form of a query as it was typed, without escapes. Idempotent. Never raises."""
    found = normalise(text)
    while ("&" in found or "%" in found) and (plain := _unescaped(found)) != found:
        found = plain
    return found


def _unescaped(text: str) -> str:
    text = _PERCENT.sub(lambda match: _decoded(match[0]), text)
    return normalise(_ENTITY.sub(lambda match: html.unescape(match[0]), text))


def _decoded(escapes: str) -> str:
    """The text of percent escapes. They stay if they are no text, as in "20%de descuento"."""
    try:
        text = unquote_to_bytes(escapes).decode()
    except UnicodeDecodeError:
        return escapes
    return text if text.isprintable() else escapes
