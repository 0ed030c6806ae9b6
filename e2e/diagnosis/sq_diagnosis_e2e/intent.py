"""What a customer means by a query."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Intent:
    """A kind of product and what it should have; empty for what does not matter.

    Attributes:
        category: the catalogue's name of the kind.
        brand: as the catalogue writes it.
        colour: in lower case.
        amount, unit: a length, a capacity or a diagonal, such as 3 and "m"; inches are "inch".
        wireless: it has to be.
        material, gender: as the catalogue writes them.
    """

    category: str
    brand: str = ""
    colour: str = ""
    amount: float = 0
    unit: str = ""
    wireless: bool = False
    material: str = ""
    gender: str = ""
