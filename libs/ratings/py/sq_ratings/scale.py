"""Maps the ratings of a file to grades."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import regex

from sq.v1.evaluate_config_pb2 import PeopleJudge as PeopleConfig

TOP_GRADE = 4
_NUMBER = regex.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_HALF = Fraction(1, 2)


class OffScaleError(ValueError):
    """A rating that the scale does not have. The text says what it is instead."""


@dataclass(frozen=True)
class Scale:
    """The scale of a file: its ends, and grades of single ratings by their keys, which win.

    Grades are exact fractions from 0 to 4, so that binary fractions cannot round a half down.
    """

    low: Fraction = Fraction(0)
    high: Fraction = Fraction(TOP_GRADE)
    values: Mapping[str | Fraction, int] = field(default_factory=dict)

    @classmethod
    def of(cls, config: PeopleConfig) -> Scale:
        low, high = Fraction(0), Fraction(config.scale_max or TOP_GRADE)
        if config.HasField("scale"):
            low, high = (Fraction(repr(end)) for end in (config.scale.min, config.scale.max))
        return cls(low, high, {_key(text): grade for text, grade in config.values.items()})

    def grade(self, text: str) -> Fraction:
        """The grade of a rating, linearly between the ends of the scale. Raises OffScaleError."""
        key = _key(text)
        if key in self.values:
            return Fraction(self.values[key])
        if isinstance(key, str):
            raise OffScaleError("is not a number")
        if not self.low <= key <= self.high:
            raise OffScaleError(f"is not on the scale {self}")
        return (key - self.low) * TOP_GRADE / (self.high - self.low)

    def __str__(self) -> str:
        return f"{float(self.low):g} to {float(self.high):g}"


def rounded(grade: Fraction) -> int:
    """A whole grade, halves up."""
    return math.floor(grade + _HALF)


def _key(text: str) -> str | Fraction:
    """Words without regard to case; numbers as numbers: 1, 1.00 and 1,0 are the same."""
    stripped = text.strip()
    return Fraction(stripped.replace(",", ".")) if _NUMBER.fullmatch(stripped) else stripped.casefold()
