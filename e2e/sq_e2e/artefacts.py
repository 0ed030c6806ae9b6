"""Reads which artefacts a run has."""

from __future__ import annotations

import json
from pathlib import Path


def manifests(run: Path) -> dict[str, dict]:
    """The manifest of each artefact of a run, by its folder below the run's."""
    return {
        str(path.parent.relative_to(run)): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(run.rglob("manifest.json"))
    }


def digests(run: Path) -> dict[str, str]:
    """The digest of each artefact of a run, by its folder below the run's."""
    return {folder: manifest["digest"] for folder, manifest in manifests(run).items()}
