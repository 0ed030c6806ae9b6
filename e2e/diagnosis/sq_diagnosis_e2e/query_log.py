"""A seeded log of queries, each with what was meant by it."""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sq_diagnosis_e2e.intent import Intent
from sq_diagnosis_e2e.kinds import KINDS, Kind
from sq_diagnosis_e2e.stated import amounts, colours, wireless
from sq_diagnosis_e2e.wording import BRANDS, INTENT

_FEWEST = 8
# Searches of the most frequent query; the query of rank r has this many over r to the power of the slope.
_MOST, _SLOPE = 400, 0.6


@dataclass
class QueryLog:
    """Attributes:
    meant: what was meant by each distinct query, the most frequent query first.
    mistyped: wrong spellings in it, each with the word that was meant.
    """

    meant: dict[str, Intent] = field(default_factory=dict)
    mistyped: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        """A file with the columns query,count and Zipf's frequencies."""
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("query", "count"))
            rows.writerows((text, max(1, round(_MOST / rank**_SLOPE))) for rank, text in enumerate(self.meant, 1))
        return path


def make_log(products: Iterable[dict], queries: int, seed: int) -> QueryLog:
    """A log of distinct queries. Equal products and seeds give equal logs."""
    writer = _Writer(products, random.Random(seed))
    while len(writer.log.meant) < queries:
        writer.add()
    return writer.log


class _Writer:
    """Writes queries as people type them, each with one product in mind, so that something meets it."""

    def __init__(self, products: Iterable[dict], draw: random.Random) -> None:
        self.log = QueryLog()
        self._draw = draw
        self._products: defaultdict[str, list[dict]] = defaultdict(list)
        for product in products:
            self._products[product.get("category", "")].append(product)
        self._kinds = [kind for kind in KINDS if len(self._products[kind.name]) >= _FEWEST]
        self._weights = [len(self._products[kind.name]) ** 0.4 for kind in self._kinds]

    def add(self) -> None:
        """One more query, or none where it is in the log already."""
        kind = self._draw.choices(self._kinds, self._weights)[0]
        intent = self._intent(kind)
        words = [
            self._draw.choice(INTENT) if self._chance(0.16) else "",
            self._as_typed(intent.brand),
            "wireless" if intent.wireless else "",
            intent.colour,
            self._quantity(intent),
            self._name(kind),
        ]
        text = " ".join(word for word in words if word)
        if text not in self.log.meant:
            self.log.meant[self._mistyped(text) if self._chance(0.06) else text] = intent

    def _intent(self, kind: Kind) -> Intent:
        product = self._draw.choice(self._of_a_brand(kind))
        text = f"{product['title']} {product.get('description', '')}".lower()
        unit = "m" if kind.lengths else "gb" if kind.sizes else "inch" if kind.inches else ""
        stated = sorted(number for number in amounts(text, unit) if number.is_integer()) if unit else []
        shades = sorted(colours(product.get("colour", "")))
        asked = self._draw.random()
        return Intent(
            category=kind.name,
            brand=product["brand"] if self._chance(0.4) else "",
            colour=self._draw.choice(shades) if shades and self._chance(0.15) else "",
            amount=self._draw.choice(stated) if stated and asked < 0.5 else 0,
            unit=unit if stated and asked < 0.5 else "",
            wireless=kind.wireless and wireless(text) and self._chance(0.6),
        )

    def _of_a_brand(self, kind: Kind) -> list[dict]:
        """Products of one brand. Names that can be typed in several ways come up more often than their products."""
        brands = Counter(product["brand"] for product in self._products[kind.name])
        weights = [count**0.6 * (3 if brand in BRANDS else 1) for brand, count in brands.items()]
        brand = self._draw.choices(list(brands), weights)[0]
        return [product for product in self._products[kind.name] if product["brand"] == brand]

    def _chance(self, share: float) -> bool:
        return self._draw.random() < share

    def _as_typed(self, brand: str) -> str:
        others = BRANDS.get(brand, ())
        return self._draw.choice(others) if others and self._chance(0.7) else brand.lower()

    def _quantity(self, intent: Intent) -> str:
        if not intent.amount:
            return ""
        units = ("inch", " inch", '"') if intent.unit == "inch" else (intent.unit, intent.unit, f" {intent.unit}")
        return f"{intent.amount:g}{self._draw.choice(units)}"

    def _name(self, kind: Kind) -> str:
        if kind.called and self._chance(0.2):
            return self._draw.choice(kind.called)
        return kind.many if self._chance(0.5) else kind.name

    def _mistyped(self, text: str) -> str:
        """Two letters of a long word change places."""
        words = text.split()
        longest = max((word for word in words if word.isalpha()), key=len)
        at = self._draw.randrange(1, len(longest) - 1) if len(longest) > 5 else 0
        wrong = longest[:at] + longest[at + 1] + longest[at] + longest[at + 2 :] if at else longest
        if wrong != longest:
            self.log.mistyped[wrong] = longest
        return " ".join(wrong if word == longest else word for word in words)
