"""A sample as it lies on the disk."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

SEED = 7
LANGUAGES = {"uk": "en", "de": "de"}


@dataclass(frozen=True)
class Sample:
    """A written sample."""

    folder: Path

    def json(self, name: str) -> object:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def documents(self, name: str) -> dict[str, dict]:
        """Of an NDJSON file, by id."""
        lines = (self.folder / name).read_text(encoding="utf-8").splitlines()
        return {document["id"]: document for document in map(json.loads, lines)}

    def log_lines(self, name: str) -> list[str]:
        with gzip.open(self.folder / "log" / name, "rt", encoding="utf-8") as file:
            return file.read().splitlines()

    def logged_queries(self) -> tuple[Counter[str], int]:
        """Searches by text, and the number of lines that are no query."""
        queries, broken = Counter(), 0
        for line in self.log_lines("ubi_queries.ndjson.gz"):
            try:
                queries[json.loads(line)["user_query"]] += 1
            except (ValueError, TypeError):
                broken += 1
        return queries, broken

    def glossary(self) -> dict[str, str]:
        with (self.folder / "glossary.en-de.csv").open(encoding="utf-8", newline="") as file:
            return {row["source"]: row["target"] for row in csv.DictReader(file)}
