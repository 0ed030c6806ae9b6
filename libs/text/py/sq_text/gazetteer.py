"""Finds named entities by a list of surfaces."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version

import ahocorasick
import regex

from sq.v1.tag_pb2 import Tag, TagEngine
from sq_text.lemmas import canonical, lemma
from sq_text.normalise import normalise
from sq_text.tokens import Token, tokenise

_BRAND = "BRAND"
# A surface that several entities share belongs to the first type in this list; other types follow by name.
TYPE_ORDER = (_BRAND, "CATEGORY")
_UNKNOWN = 0
# A number with its unit. Behind other words it is a measure, also where a brand is called so: "usb cable 3m".
_MEASURE = regex.compile(
    r"[0-9]+(?:[.,][0-9]+)?(?:[mcdk]?m|[mcd]?l|[mk]?g|t|k?w|v|m?ah?|[mgt]b|[kmg]?hz|ft|in|oz|lb|yd)"
)
_ENGINE = "sq-gazetteer"
# Increase the first number whenever the same entries may tag a text differently. The dictionary also changes tags.
ENGINE_VERSION = f"2+simplemma.{version('simplemma')}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One surface of one entity.

    Attributes:
        value: any spelling of the canonical value.
        surface: what a customer types.
        rank: the lowest wins if several entities share a surface. 0: added by a person, 1: from a catalogue.
    """

    type: str
    value: str
    surface: str
    rank: int = 1


def gazetteer_engine(entries: Iterable[Entry], language: str) -> TagEngine:
    """The engine of a gazetteer with these entries. Gazetteers with equal digests tag every text alike.

    The digest depends neither on the order of entries nor on duplicates.
    """
    digest = hashlib.sha256(json.dumps([ENGINE_VERSION, language]).encode())
    for entry in sorted({(entry.type, entry.value, entry.surface, entry.rank) for entry in entries}):
        digest.update(b"\n" + json.dumps(entry).encode())
    return TagEngine(
        name=_ENGINE,
        version=ENGINE_VERSION,
        language=language,
        gazetteer_digest=f"sha256:{digest.hexdigest()}",
    )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A possible meaning of a sequence of lemmas; `spelling` is the normalised surface of its entry."""

    rank: int
    type: str
    value: str
    spelling: str

    def precedence(self, spelling: str) -> tuple:
        order = TYPE_ORDER.index(self.type) if self.type in TYPE_ORDER else len(TYPE_ORDER)
        return (self.rank, self.spelling != spelling, order, self.type, self.value, self.spelling)


class Gazetteer:
    """An Aho-Corasick automaton over lemmas, not letters, so a match begins and ends with a word.

    Immutable; threads may share it. The order of entries makes no difference.
    """

    def __init__(self, language: str, vocabulary: dict[str, int], automaton: ahocorasick.Automaton | None):
        self._language = language
        self._vocabulary = vocabulary
        self._automaton = automaton

    @classmethod
    def build(cls, entries: Iterable[Entry], language: str) -> Gazetteer:
        """A gazetteer for texts in `language` (ISO 639-1). Skips entries whose surface or value contains no word."""
        vocabulary: dict[str, int] = {}
        candidates: dict[tuple[int, ...], set[_Candidate]] = {}
        for entry in entries:
            words = canonical(entry.surface, language).split()
            value = canonical(entry.value, language)
            if not words or not value:
                continue
            key = tuple(vocabulary.setdefault(word, len(vocabulary) + 1) for word in words)
            spelling = " ".join(normalise(token.text) for token in tokenise(entry.surface))
            candidates.setdefault(key, set()).add(_Candidate(entry.rank, entry.type, value, spelling))
        if not candidates:
            return cls(language, vocabulary, None)
        automaton = ahocorasick.Automaton(ahocorasick.STORE_ANY, ahocorasick.KEY_SEQUENCE)
        for key, meanings in candidates.items():
            automaton.add_word(key, (len(key), tuple(meanings)))
        automaton.make_automaton()
        return cls(language, vocabulary, automaton)

    def tag(self, text: str) -> list[Tag]:
        """Entities in `text`, in order, without overlap.

        Of overlapping matches the one with the most words wins, then the one with the most code points, then the
        first. If several entities share a surface, the lowest rank wins, then the exact spelling, then the type
        (BRAND, CATEGORY, others by name), then the value. Offsets count code points of `text` as given.

        A measure, such as "3m", is a brand only where the text begins with it, or where a person added the brand.
        """
        tokens = tokenise(text)
        if self._automaton is None or not tokens:
            return []
        taken = [False] * len(tokens)
        tags = []
        for first, last, meanings in self._matches(tokens):
            if first and _is_measure(tokens[first : last + 1]):
                meanings = tuple(meaning for meaning in meanings if meaning.type != _BRAND or not meaning.rank)
            if meanings and not any(taken[first : last + 1]):
                taken[first : last + 1] = [True] * (last + 1 - first)
                tags.append(_tag(text, tokens[first : last + 1], meanings))
        return sorted(tags, key=lambda tag: tag.start)

    def knows(self, word: str) -> bool:
        """Whether an entry contains the word or another form of it. No other word is part of a tag.

        Another unknown word in its place leaves the other tags of a text as they are, except for their offsets.
        """
        return lemma(word, self._language) in self._vocabulary

    def _matches(self, tokens: list[Token]) -> list[tuple[int, int, tuple[_Candidate, ...]]]:
        """All matches as (first token, last token, meanings), the best first."""
        sequence = tuple(self._vocabulary.get(lemma(t.text, self._language), _UNKNOWN) for t in tokens)
        found = [(last - words + 1, last, meanings) for last, (words, meanings) in self._automaton.iter(sequence)]
        return sorted(
            found,
            key=lambda m: (m[0] - m[1], tokens[m[0]].start - tokens[m[1]].end, m[0]),
        )


def _is_measure(tokens: list[Token]) -> bool:
    return len(tokens) == 1 and _MEASURE.fullmatch(normalise(tokens[0].text)) is not None


def _tag(text: str, tokens: list[Token], meanings: tuple[_Candidate, ...]) -> Tag:
    best = meanings[0] if len(meanings) == 1 else _best(tokens, meanings)
    start, end = tokens[0].start, tokens[-1].end
    return Tag(type=best.type, value=best.value, surface=text[start:end], start=start, end=end)


def _best(tokens: list[Token], meanings: tuple[_Candidate, ...]) -> _Candidate:
    spelling = " ".join(normalise(token.text) for token in tokens)
    return min(meanings, key=lambda candidate: candidate.precedence(spelling))
