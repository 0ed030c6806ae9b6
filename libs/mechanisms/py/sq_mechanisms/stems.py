"""Stems: the part of a word that its inflected forms share, as a search engine's analyser makes it."""

from __future__ import annotations

from functools import cache, lru_cache

import snowballstemmer

_NAMES = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

# What plurals and cases add to a word.
ENDINGS = {
    "de": ("e", "en", "er", "n", "s"), "en": ("s", "es"), "es": ("s", "es"), "fr": ("s", "x"), "nl": ("en", "s"),
    "pt": ("s", "es"),
}  # fmt: skip


@cache
def _stemmer(language: str):
    return snowballstemmer.stemmer(_NAMES[language]) if language in _NAMES else None


def same_word(word: str, other: str, language: str) -> bool:
    """Whether two words with one stem are forms of one word, as far as the language is known here.

    English has singular and plural. Snowball also joins derivations such as "laminator" and "laminated", which a light
    stemmer keeps apart (Krovetz 1993).
    """
    return language != "en" or _singular(word) == _singular(other)


def _singular(word: str) -> str:
    for ending, singular in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending) + singular
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


@lru_cache(maxsize=1 << 18)
def stem(word: str, language: str) -> str:
    """The Snowball stem of a normalised word; the word itself where the language has no stemmer.

    Words with a digit are left alone: they are numbers, sizes and models. Source: Porter, Snowball (2001).
    """
    stemmer = _stemmer(language)
    if stemmer is None or any(character.isdigit() for character in word):
        return word
    return stemmer.stemWord(word)
