"""Reads the table of images, //release:table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from release.layouts import Image

# The runfiles have the layout of the source tree.
RUNFILES = Path(__file__).parents[1]
TABLE = RUNFILES / "release/table.json"


@dataclass(frozen=True)
class Release:
    """One image as it was built.

    Attributes:
        push: the program that pushes it.
        sbom: its SPDX document.
        requirements: the files that pin its wheels.
        label: of its target.
        limit_mib: largest compressed size of its layers in MiB; 0 for no limit.
    """

    image: Image
    push: Path
    sbom: Path
    requirements: tuple[Path, ...] = ()
    limit_mib: int = 0
    label: str = ""

    @property
    def name(self) -> str:
        return self.image.name

    @property
    def version(self) -> str:
        """Its label, which is the `version` of its target."""
        return self.image.config["config"]["Labels"]["org.opencontainers.image.version"]


def read(table: Path) -> list[Release]:
    """The rows of the table. Its paths are relative to the runfiles."""
    return [
        Release(
            Image.open(RUNFILES / row["layout"]),
            RUNFILES / row["push"],
            RUNFILES / row["sbom"],
            tuple(RUNFILES / path for path in row["requirements"]),
            row["limitMib"],
            row["label"],
        )
        for row in json.loads(table.read_text(encoding="utf-8"))
    ]
