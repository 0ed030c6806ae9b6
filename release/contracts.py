"""What an image owes its stages: fingerprints out of pipeline.json, which the build makes of the contracts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785

# The image that has every stage.
TOGETHER = "sq-all"


@dataclass(frozen=True)
class Contracts:
    """The stages of a pipeline as it renders them: contract, and fingerprints of the records read and written."""

    stages: tuple[Mapping[str, Any], ...]

    @classmethod
    def read(cls, pipeline: Path) -> Contracts:
        return cls(tuple(json.loads(pipeline.read_text(encoding="utf-8"))["stages"]))

    @property
    def images(self) -> set[str]:
        """Every image a stage runs in."""
        return {stage["contract"]["image"] for stage in self.stages}

    def served(self, image: str) -> dict[str, str]:
        """Stage to "sha256:<hex>" over its rendered form (RFC 8785), for the stages of an image."""
        return {
            stage["contract"]["name"]: _sha256(stage)
            for stage in self.stages
            if image in (stage["contract"]["image"], TOGETHER)
        }

    def entrypoints(self, image: str) -> list[list[str]]:
        """How the contracts start the image; any for the image that has every stage."""
        return [stage["contract"]["entrypoint"] for stage in self.stages if stage["contract"]["image"] == image]


def combined(stages: Mapping[str, str]) -> str:
    """One digest over those of an image's stages; empty if it has none."""
    return _sha256(dict(stages)) if stages else ""


def _sha256(document: Any) -> str:
    return f"sha256:{hashlib.sha256(rfc8785.dumps(document)).hexdigest()}"
