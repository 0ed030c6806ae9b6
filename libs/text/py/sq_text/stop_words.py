"""Words nobody searches for."""

from __future__ import annotations

from functools import cache

from stop_words import LANGUAGE_MAPPING, get_stop_words

from sq_text.normalise import normalise

# The library's English list is made for web pages and holds product words ("ring", "mug", "tv", "small"): ours holds
# function words alone, after Lucene's list.
_ENGLISH_WORDS = """
a an and any are as at be but by can do for from has have i if in into is it its me my no not of on or our please s
some such t than that the their them then there these they this those to was we what which will with you your
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())


@cache
def stop_words(language: str) -> frozenset[str]:
    """Function words of a language (ISO 639-1), normalised; empty for a language without a list.

    Source: the package stop-words, English apart.
    """
    if language == "en":
        return _ENGLISH
    code = "nb" if language == "no" else language
    if code not in LANGUAGE_MAPPING:
        return frozenset()
    return frozenset(normalise(word) for word in get_stop_words(code))
