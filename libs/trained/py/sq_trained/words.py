"""What a product's names say about the words of a query: lexical, fuzzy, and whether it is an accessory."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import jellyfish

from sq_rules import Names, Place
from sq_rules.text_match import head_of, is_accessory, is_model, phrase_ends

Lemmas = Sequence[str]


def lexical(words: Lemmas, names: Names) -> dict[str, float]:
    """Where the product names the words, and how near the end of a name the asked thing stands."""
    places = [names.place(word) for word in words]
    head = head_of(words)
    head_place = names.place(head)
    title, opening = names.phrases
    ends = [(_ends(words, head, phrase.thing), len(phrase.thing)) for phrase in names.phrases]
    after = [length - found[-1] for found, length in ends if found]
    return {
        "words_in_name": _share(place is Place.NAME for place in places),
        "words_in_text": _share(place >= Place.PASSING for place in places),
        "worst_place": float(min(places)),
        "head_place": float(head_place),
        "head_only_in_attributes": float(head_place is Place.ATTRIBUTE),
        "words_in_title": _share(word in names.text.title for word in words),
        "words_in_opening": _share(word in opening.thing for word in words),
        "words_in_title_or_brand": _share(word in title.thing or word in names.text.brand for word in words),
        "words_are_brand": float(set(words) <= set(names.text.brand)),
        "whole_phrase": float(any(phrase_ends(words, phrase.thing) for phrase in names.phrases)),
        "head_ends_name": float(0 in after),
        "words_after_head": float(min(after)) if after else nan,
    }


def fuzzy(words: Lemmas, names: Names) -> dict[str, float]:
    """How near the product's words come to those asked for (Jaro-Winkler, 0 to 1); "smart watch" is "smartwatch"."""
    named = sorted({*names.text.title, *names.phrases[1].thing})
    nearest = {word: _nearest(word, named) for word in words}
    joined = f"{''.join(names.text.title)} {''.join(names.phrases[1].thing)}"
    return {
        "nearest_words": sum(nearest[word] for word in words) / len(words),
        "nearest_head": nearest[head_of(words)],
        "joined_words": float("".join(words) in joined),
    }


def accessory(words: Lemmas, names: Names, accessories: frozenset[str]) -> dict[str, float]:
    """Signs that the product goes with the asked thing: a word for accessories that the query does not have."""
    head = head_of(words)
    title, opening = (phrase.thing for phrase in names.phrases)
    in_title, in_opening = (float(bool(accessories & (set(name) - set(words)))) for name in (title, opening))
    last = (name[-1] for name in (title, opening) if name)
    return {
        "is_accessory": float(is_accessory(words, head, names, accessories)),
        "accessory_in_title": in_title,
        "accessory_in_opening": in_opening,
        "accessory_in_names": in_title + in_opening,
        "accessory_ends_name": float(any(word in accessories and word not in words for word in last)),
        "head_after_for": float(any(head in phrase.goes_with for phrase in names.phrases)),
    }


def models(words: Lemmas, names: Names) -> dict[str, float]:
    """Shares of the query's numbers and model names that title and whole record have."""
    asked = [word for word in words if is_model(word)]
    return {
        "models_in_title": _share(word in names.text.title for word in asked),
        "models_anywhere": _share(names.text.contains(word) for word in asked),
    }


def _ends(words: Lemmas, head: str, name: Lemmas) -> list[int]:
    return phrase_ends(words, name) or phrase_ends([head], name)


def _nearest(word: str, named: Lemmas) -> float:
    return max((jellyfish.jaro_winkler_similarity(word, other) for other in named), default=0.0)


def _share(hits: object) -> float:
    """The share of true values; not a number for none."""
    values = [bool(hit) for hit in hits]
    return sum(values) / len(values) if values else nan
