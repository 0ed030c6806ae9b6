"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CatalogueFields = Annotated[Path | None, typer.Option(help="Field mapping of the catalogue (YAML). Default: detected.")]
People = Annotated[
    str, typer.Option(help="How --labels is read, as YAML: {scale: {min: 1, max: 5}}, {values: {E: 4}}, …")
]
Language = Annotated[str, typer.Option(help="Language of queries and catalogue (ISO 639-1).")]
