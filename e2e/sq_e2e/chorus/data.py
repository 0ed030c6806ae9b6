"""The Chorus catalogue, its judgments by people, and a UBI log."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Fields of a product, by the names in the catalogue's documents.
FIELDS = {
    "id": "id",
    "title": "title",
    "brand": "supplier",
    "category": "attr_t_product_type",
    "description": "short_description",
    "price": "price",
    "image": "img_500x500",
    "attribute_prefixes": ["attr_t_"],
}
# Ratings go from 0 to this.
PEOPLE_SCALE = 3


@dataclass(frozen=True)
class Chorus:
    """The files of the data.

    Attributes:
        folder: where the checks write.
    """

    products: Path
    judgments: Path
    ubi: Path
    folder: Path

    @classmethod
    def at(cls, data: Path, folder: Path) -> Chorus:
        return cls(
            data / "chorus/products.ndjson.gz",
            data / "chorus/judgments.csv",
            data / "ubi/ubi_queries_events.ndjson.gz",
            folder,
        )

    def rows(self) -> list[dict[str, str]]:
        with self.judgments.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def queries(self) -> list[str]:
        return list(dict.fromkeys(row["query"] for row in self.rows()))

    def documents(self) -> Iterator[dict]:
        with gzip.open(self.products, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
