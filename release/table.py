"""What is released, as //release:table lists it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from release.layouts import Image

# Where runfiles lie like the source tree.
RUNFILES = Path(__file__).parents[1]
TABLE = RUNFILES / "release/table.json"

_LABEL = "org.opencontainers.image."


@dataclass(frozen=True)
class Release:
    """One image as it was built, the program that pushes it, and its SPDX document."""

    image: Image
    push: Path
    sbom: Path

    @property
    def name(self) -> str:
        return self.image.config["config"]["Labels"][_LABEL + "title"]

    @property
    def version(self) -> str:
        """Its label, which is the `version` of its target."""
        return self.image.config["config"]["Labels"][_LABEL + "version"]


def read(table: Path) -> list[Release]:
    """The rows of the table, whose paths are below the runfiles."""
    return [
        Release(Image.open(RUNFILES / row["layout"]), RUNFILES / row["push"], RUNFILES / row["sbom"])
        for row in json.loads(table.read_text(encoding="utf-8"))
    ]
