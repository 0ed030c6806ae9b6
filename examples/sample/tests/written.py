"""A sample as it lies on the disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

SEED = 7


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
