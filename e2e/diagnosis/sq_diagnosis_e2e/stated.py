"""What a product's data state about colours, quantities and wireless use."""

from __future__ import annotations

import re

_WIRELESS = re.compile(r"wireless|wlan|wi-?fi|bluetooth|cordless")
_SPELLED = {"gray": "grey"}
_UNITS = {"inch": r"(?:inch\b|\"|'')", "m": r"m\b", "gb": r"gb\b"}


def colours(text: str) -> set[str]:
    """The colours of a list such as "Black, Gray", in lower case and British spelling."""
    named = (part.strip().lower() for part in text.split(","))
    return {_SPELLED.get(name, name) for name in named if name}


def amounts(text: str, unit: str) -> set[float]:
    """The numbers that stand before a unit ("m", "gb" or "inch") in a lower-case text."""
    return {float(number) for number in re.findall(rf"(?<![\w.])(\d+(?:\.\d+)?)\s?{_UNITS[unit]}", text)}


def wireless(text: str) -> bool:
    return _WIRELESS.search(text) is not None
