"""One rating as it stands in a file."""

from __future__ import annotations

from dataclasses import dataclass

FIELD = "people.uri"


@dataclass(frozen=True, slots=True)
class Rating:
    """Attributes:
    where: "file:line", for errors.
    query: its text, with underscores for spaces in qrels, or its id.
    value: the rating as written; "" if the pair is not judged.
    """

    where: str
    query: str
    product_id: str
    value: str
