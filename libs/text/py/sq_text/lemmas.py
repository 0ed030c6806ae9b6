"""Dictionary forms of words, so that "shirts" and "shirt" are one term."""

from __future__ import annotations

from functools import lru_cache

from simplemma import Lemmatizer
from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

from sq_text.normalise import normalise
from sq_text.tokens import Token, tokenise

# simplemma has a common dictionary for some languages.
_DICTIONARY = {"no": "nb", "hr": "hbs", "sr": "hbs", "bs": "hbs"}
# Possessives typed without the apostrophe, which the dictionary does not contain.
_ENGLISH = {"mens": "man", "womens": "woman", "childrens": "child"}
_MAX_STEPS = 8
# Shorter words are sizes and names ("m", "xs", "hp"); the dictionary would turn "m" into "be".
_MIN_LENGTH = 3
_lemmatizer = Lemmatizer()


def lemma(word: str, language: str) -> str:
    """Dictionary form of one word, in lower case; the normalised word if the dictionary does not contain it.

    `language` is an ISO 639-1 code. Without a dictionary for it, words are only normalised. Idempotent.
    Source: the dictionaries of simplemma.
    """
    # Logs have countless numbers, which would push words out of the cache.
    if word.isascii() and word.isdigit():
        return word
    return _lemma(word, language)


@lru_cache(maxsize=1 << 18)
def _lemma(word: str, language: str) -> str:
    seen = [normalise(word).replace("’", "'")]
    code = _DICTIONARY.get(language, language)
    if code not in SUPPORTED_LANGUAGES or len(seen[0]) < _MIN_LENGTH:
        return seen[0]
    for _ in range(_MAX_STEPS):
        following = _step(seen[-1], code)
        if following in seen:
            return min(seen[seen.index(following) :])
        seen.append(following)
    return seen[-1]


def lemmas(text: str, language: str) -> list[str]:
    """Lemma of each word of `text`, in order."""
    return [lemma(token.text, language) for token in tokenise(text)]


def canonical(text: str, language: str) -> str:
    """Lemmas of `text` joined by spaces: the form of Tag.value. "T-Shirts" is "t shirt". Idempotent."""
    return " ".join(lemmas(text, language))


def terms(text: str, language: str) -> set[str]:
    """The set of lemmas of `text`, stop words included."""
    return set(lemmas(text, language))


def content_tokens(text: str, language: str, stop: frozenset[str]) -> list[Token]:
    """Words of `text` that are not in `stop`, neither as written nor as a lemma."""
    return [
        token
        for token in tokenise(text)
        if normalise(token.text) not in stop and lemma(token.text, language) not in stop
    ]


def _step(word: str, code: str) -> str:
    if code == "en":
        return _english(word)
    if code == "de":
        return _german(word)
    return _look_up(word, code)


def _english(word: str) -> str:
    word = word.removesuffix("'s").removesuffix("'")
    if word in _ENGLISH:
        return _ENGLISH[word]
    # In product queries these are nouns and adjectives ("wedding dress", "running shoes"), not forms of verbs.
    if word.endswith("ing"):
        return word
    return _look_up(word, "en")


def _german(word: str) -> str:
    """Prefers nouns to verbs: queries lack the capital letters that distinguish them in German."""
    found = _lemmatizer.lemmatize(word, lang="de")
    if not found.islower() or not found.endswith("n"):
        return _spelling(found, word)
    noun = _lemmatizer.lemmatize(word.capitalize(), lang="de")
    if not noun.islower():
        return _spelling(noun, word)
    # "leder" is not a form of "ledern": a lemma that only adds an ending is a verb or adjective derived from the word.
    return word if found.startswith(word) else _spelling(found, word)


def _look_up(word: str, code: str) -> str:
    return _spelling(_lemmatizer.lemmatize(word, lang=code), word)


def _spelling(found: str, word: str) -> str:
    """The lemma as one lower-case word; `word` if the entry in the dictionary is not one word."""
    found = normalise(found).replace("’", "'")
    parts = tokenise(found)
    return found if len(parts) == 1 and parts[0].text == found else word
