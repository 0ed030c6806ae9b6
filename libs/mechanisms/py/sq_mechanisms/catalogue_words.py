"""The words of a catalogue: how many products hold each, and how they are written."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sq.v1.product_pb2 import Product
from sq_mechanisms.stems import stem
from sq_text import canonical, normalise, raw_values, tokenise

# Pairs of neighbouring words are pruned at this number: those met once make most of them (lossy counting, Manku and
# Motwani, VLDB 2002).
_MOST_PAIRS = 2_000_000
# Marks inside a written word that an analyser may or may not part it at.
JOINT = re.compile(r"(?<=\w)[-.+/&'’](?=\w)")


@dataclass
class CatalogueWords:
    """Counts over products.

    Attributes:
        products: how many.
        holding: products by normalised word.
        forms: by stem, the words that have it.
        written: by the letters and digits alone, the ways in which words with a mark inside are written.
        names: products by word of a title, brand or category as it is written between spaces.
        pairs: products by two such words that stand side by side, joined by a space.
        written_from: as written, by the letters before a full stop, which is part of the name; other marks join names.
        categories: products by category as its canonical words.
    """

    language: str
    products: int = 0
    holding: Counter[str] = field(default_factory=Counter)
    forms: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    written: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    names: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)
    written_from: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    categories: Counter[tuple[str, ...]] = field(default_factory=Counter)
    _by_shape: defaultdict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, products: Iterable[Product], language: str) -> CatalogueWords:
        words = cls(language)
        for product in products:
            words.add(product)
        return words

    def add(self, product: Product) -> None:
        """Counts one product's texts."""
        self.products += 1
        found: set[str] = set()
        for text in texts(product):
            found.update(token.text for token in tokenise(normalise(text)))
        # Not `found - self.holding.keys()`, which walks through all words of the catalogue for each product.
        for word in found:
            if word not in self.holding:
                self.forms[stem(word, self.language)].add(word)
        self.holding.update(found)
        categories = (value for tag_type, value in raw_values(product) if tag_type == "CATEGORY")
        self.categories.update({tuple(canonical(value, self.language).split()) for value in categories})
        for text in (product.title, product.brand, *product.categories):
            self._add_spellings(normalise(text))

    def written_words(self) -> frozenset[str]:
        """All words, and how titles, brands and categories write them between spaces."""
        return frozenset(self.holding) | frozenset(self.names)

    def _add_spellings(self, text: str) -> None:
        names = [name for raw in text.split() if (name := raw.strip(".,;:()[]\"'"))]
        self.names.update(set(names))
        for name in set(names):
            if mark := JOINT.search(name):
                self.written[squash(name)][name] += 1
                if mark[0] == ".":
                    self.written_from[squash(name[: mark.start()])][name] += 1
        self.pairs.update({f"{first} {second}" for first, second in zip(names, names[1:], strict=False)})
        if len(self.pairs) > _MOST_PAIRS:
            self.pairs = Counter({pair: count for pair, count in self.pairs.items() if count > 1})

    def other_forms(self, word: str) -> list[str]:
        """Other words of the catalogue with the same stem, the one in most products first."""
        others = self.forms.get(stem(word, self.language), set()) - {word}
        return sorted(others, key=lambda other: (-self.holding[other], other))

    def words_like(self, word: str, errors: int, endings: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
        """Words of letters about as long as this one, each as it may have been meant: itself, and with an ending.

        They begin as this one does, or with its first two letters swapped; other errors seldom hit the first letter.
        Call it when all products are counted.
        """
        if not self._by_shape:
            for other in sorted(self.holding):
                if other.isalpha():
                    self._by_shape[other[0], len(other)].append(other)
        for ending in ("", *endings):
            for length in range(len(word) - errors, len(word) + errors + 1):
                for other in self._by_shape.get((word[0], length - len(ending)), ()):
                    yield other + ending, other
            for other in self._by_shape.get((word[1], len(word) - len(ending)), ()):
                if other[1:2] == word[0]:
                    yield other + ending, other

    def longer_names(self, letters: str) -> dict[str, int]:
        """Names that begin with these letters, up to a full stop: "startech" begins "startech.com"."""
        return self.written_from.get(letters, {})

    def in_longer_categories(self, value: str) -> set[str]:
        """Canonical words that stand beside a category in others: of "notebook", "case" for "notebook case"."""
        words = set(value.split())
        return {word for category in self.categories if words < set(category) for word in category} - words

    def knows(self, word: str) -> bool:
        """Whether any product holds the word or another form of it."""
        return word in self.holding or bool(self.forms.get(stem(word, self.language)))


def squash(text: str) -> str:
    """Letters and digits alone: "TP-Link" and "tp link" are one."""
    return "".join(character for character in text if character.isalnum())


def texts(product: Product) -> Iterator[str]:
    """All texts of a product."""
    yield from (product.title, product.description, product.brand)
    yield from product.categories
    for attribute in product.attributes:
        yield from attribute.values
