"""Stop words: function words that do not describe a product."""

from __future__ import annotations

from functools import cache

from stop_words import LANGUAGE_MAPPING, get_stop_words

from sq_text.normalise import normalise

# The English list of the library is for web pages and contains product words ("ring", "mug", "tv", "small"). This list
# has only function words; it extends that of Lucene.
_ENGLISH_WORDS = """
a an and any are as at be but by can do for from has have i if in into is it its me my no not of on or our please s
some such t than that the their them then there these they this those to was we what which will with you your
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())


@cache
def stop_words(language: str) -> frozenset[str]:
    """Function words of a language (ISO 639-1), normalised; empty if there is no list for the language.

    Source: the package stop-words, except for English.
    """
    if language == "en":
        return _ENGLISH
    code = "nb" if language == "no" else language
    if code not in LANGUAGE_MAPPING:
        return frozenset()
    return frozenset(normalise(word) for word in get_stop_words(code))
