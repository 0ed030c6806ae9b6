"""Numbers with their units: "3m" and "3 m", "15.6 inch" and 15.6", "2tb" and "2000 gb"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sq.v1.query_pb2 import PROBE_FORM_BLEND
from sq.v1.report_pb2 import Suggestion
from sq_mechanisms import suggest
from sq_mechanisms.market import Asked, Market
from sq_mechanisms.mechanism import Change, Mechanism

_UNITS = [
    "mm",
    "cm",
    "m",
    "km",
    "mg",
    "g",
    "kg",
    "ml",
    "cl",
    "l",
    "mb",
    "gb",
    "tb",
    "mhz",
    "ghz",
    "hz",
    "w",
    "kw",
    "wh",
    "mah",
    "ah",
    "v",
    "a",
    "inch",
    "in",
    "ft",
    "lb",
    "oz",
    "zoll",
    "dpi",
    "mp",
    "fps",
    "bit",
]
_QUANTITY = re.compile(rf"(?<![\w.])(\d+(?:[.,]\d+)?)(\s?)(\"|''|″|{'|'.join(_UNITS)})(?!\w)")
_INCH = ('"', "''", "″", "inch", "in", "zoll")
_LARGER = {"tb": ("gb", 1000), "kg": ("g", 1000), "l": ("ml", 1000), "m": ("cm", 100), "cm": ("mm", 10)}


class Units(Mechanism):
    """Writes a quantity the other way: apart or joined, and inches as a sign or a word.

    A number and its unit apart are searched for as a phrase. As two words they would find any "2" and any "m", which a
    normalised quantity does not. An engine that knows no phrases drops the marks.
    """

    name = "units"
    title = "Quantities are found in one spelling alone"
    repair = "normalise quantities in the analyser"
    form = PROBE_FORM_BLEND
    literature = "The manual of Lucene on PatternReplaceCharFilter"
    listed = True

    def changes(self, asked: Asked, market: Market) -> Iterable[Change]:
        found = _QUANTITY.search(asked.text)
        if found is None or _is_brand(asked, found.start()):
            return
        for rule, other in enumerate(_spellings(*found.groups(), market)):
            new = f'"{other}"' if " " in other else other
            text = asked.text[: found.start()] + new + asked.text[found.end() :]
            item = f"{_pattern(found[0])} → {_pattern(other)}"
            yield Change(item, f"{found[0]} → {other}", text, rule)

    def suggestions(self, items: Sequence[str], language: str) -> list[Suggestion]:
        # It stands before lowercase, so it has to know "GB" too.
        pattern = rf"(?i)(\d)\s+({'|'.join(unit for unit in _UNITS if unit not in ('in', 'a'))})\b"
        filters = {"sq_units": {"type": "pattern_replace", "pattern": pattern, "replacement": "$1$2"}}
        solr = [f'<charFilter class="solr.PatternReplaceCharFilterFactory" pattern="{pattern}" replacement="$1$2"/>']
        note = "Put this character filter in front of the tokeniser, for index and query; then reindex."
        return suggest.analysis(filters, solr, note, kind="char_filter")


def is_quantity(text: str) -> bool:
    """Whether a normalised text is a number with a unit and nothing else: "3m", "24 inch", "24-inch"."""
    return _QUANTITY.fullmatch(text.replace("-", " ")) is not None


def _is_brand(asked: Asked, start: int) -> bool:
    """Whether a quantity is a brand, such as "3m" in "3m tape": then it stands first. In "cable 3m" it is a length."""
    place = _place(asked, start)
    return place == 0 and asked.in_tag(place, "BRAND")


def _spellings(number: str, space: str, unit: str, market: Market) -> list[str]:
    """Other ways to write a quantity. Another unit is one where names of products have the quantity in it."""
    if unit in _INCH:
        typed_sign = unit in ('"', "''", "″")
        return [f"{number} inch" if typed_sign else f'{number}"']
    others = [f"{number}{unit}" if space else f"{number} {unit}"]
    if unit in _LARGER and "." not in number and "," not in number:
        smaller, factor = _LARGER[unit]
        larger, catalogue = int(number) * factor, market.catalogue
        if catalogue.pairs[f"{larger} {smaller}"] or catalogue.names[f"{larger}{smaller}"]:
            others.append(f"{larger}{space}{smaller}")
    return others


def _pattern(text: str) -> str:
    return re.sub(r"\d+(?:[.,]\d+)?", "N", text)


def _place(asked: Asked, start: int) -> int:
    return max((place for place, word in enumerate(asked.words) if word.start <= start), default=0)
