"""The fields of products by the words of queries that stand in them: the fields that customers search by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import fsum

from sq_evidence import TITLE, FieldWords
from sq_measures.traffic import traffic
from sq_mechanisms import Asked

# A field is searched by where a word of a query stands in it, and in it alone, for this share of the products that
# hold the word.
_ITS_OWN = 2 / 3
# Fields that less of the traffic searches by are left alone.
_LEAST_TRAFFIC = 0.005


class FieldCounts:
    """Counts in which fields the words of queries stand, product by product."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._asked = asked
        self._wanted = {word.text for one in asked for word in one.words}
        self._holding: Counter[str] = Counter()
        self._alone: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, words: Mapping[str, FieldWords]) -> None:
        """Counts one product's words by field."""
        self._holding.update({word for of in words.values() for word in of.all if word in self._wanted})
        for field, of in words.items():
            self._alone[field].update(word for word in of.alone if word in self._wanted)

    def traffic(self) -> dict[str, float]:
        """By field, the share of the traffic whose queries hold words of its own, 0..1."""
        return {field: self._of(counts) for field, counts in self._alone.items()}

    def _of(self, alone: Mapping[str, int]) -> float:
        own = {word for word, count in alone.items() if count >= _ITS_OWN * self._holding[word]}
        return fsum(
            traffic(one.query) for one in self._asked if any(one.words[place].text in own for place in one.content())
        )


def searched_by(shares: Mapping[str, float], most: int) -> list[str]:
    """Up to `most` fields that enough of the traffic searches by, most traffic first; the title is not among them."""
    ordered = sorted(shares.keys() - {TITLE}, key=lambda field: (-shares[field], field))
    return [field for field in ordered if shares[field] >= _LEAST_TRAFFIC][:most]
