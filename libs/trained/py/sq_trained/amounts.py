"""Compares amounts with units: "256gb" in a query with "0.25 TB" in a product."""

from __future__ import annotations

from math import isclose, nan

import regex

# The factor of each unit, and the unit it is counted in. "in" is left out: it is a word.
_UNITS = {
    **{unit: ("byte", 1000.0**power) for power, unit in enumerate(("kb", "mb", "gb", "tb"), start=1)},
    **{unit: ("metre", factor) for unit, factor in (("mm", 0.001), ("cm", 0.01), ("m", 1.0), ("km", 1000.0))},
    **{unit: ("metre", 0.0254) for unit in ('"', "”", "''", "inch", "inches", "zoll")},
    **{unit: ("gram", factor) for unit, factor in (("g", 1.0), ("kg", 1000.0), ("oz", 28.3495))},
    **{unit: ("litre", factor) for unit, factor in (("ml", 0.001), ("cl", 0.01), ("l", 1.0))},
    **{unit: ("watt", factor) for unit, factor in (("w", 1.0), ("kw", 1000.0))},
    **{unit: ("amperehour", factor) for unit, factor in (("mah", 0.001), ("ah", 1.0))},
    **{unit: ("hertz", factor) for unit, factor in (("hz", 1.0), ("khz", 1e3), ("mhz", 1e6), ("ghz", 1e9))},
    "v": ("volt", 1.0),
}
_NAMES = "|".join(regex.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_AMOUNT = regex.compile(rf"(?<![\w.,])(\d+(?:[.,]\d+)?)[ -]?({_NAMES})(?!\w)", regex.IGNORECASE)
# Catalogues round: 15.6" is 39.6 cm.
_TOLERANCE = 0.02
SAME, UNSTATED, OTHER = 2.0, 1.0, 0.0


def amounts(text: str) -> list[tuple[str, float]]:
    """The amounts of a text in base units, such as ("byte", 2.56e11), in order."""
    found = []
    for number, name in _AMOUNT.findall(text):
        unit, factor = _UNITS[name.lower()]
        found.append((unit, float(number.replace(",", ".")) * factor))
    return found


def agreement(query: str, product: str) -> float:
    """The worst agreement over the query's amounts: SAME, UNSTATED or OTHER; not a number if it has none."""
    stated = amounts(product)
    return min((_compare(asked, stated) for asked in amounts(query)), default=nan)


def _compare(asked: tuple[str, float], stated: list[tuple[str, float]]) -> float:
    unit, value = asked
    alike = [other for its, other in stated if its == unit]
    if not alike:
        return UNSTATED
    return SAME if any(isclose(value, other, rel_tol=_TOLERANCE) for other in alike) else OTHER
