"""The contracts of an image's stages, from pipeline.json, which the build renders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785

# The image with every stage.
TOGETHER = "sq-all"


@dataclass(frozen=True)
class Contracts:
    """The rendered stages of a pipeline: each has its contract, and the fingerprints of its records."""

    stages: tuple[Mapping[str, Any], ...]

    @classmethod
    def read(cls, pipeline: Path) -> Contracts:
        return cls(tuple(json.loads(pipeline.read_text(encoding="utf-8"))["stages"]))

    @property
    def images(self) -> set[str]:
        """Every image that a stage runs in."""
        return {stage["contract"]["image"] for stage in self.stages}

    def served(self, image: str) -> dict[str, str]:
        """Stage to "sha256:<hex>" over its rendered form (RFC 8785), for the stages of an image."""
        return {
            stage["contract"]["name"]: _sha256(stage)
            for stage in self.stages
            if image in (stage["contract"]["image"], TOGETHER)
        }

    def entrypoints(self, image: str) -> list[list[str]]:
        """The entry points in the contracts of an image's stages. Empty for sq-all, whose entry point is no stage's."""
        return [stage["contract"]["entrypoint"] for stage in self.stages if stage["contract"]["image"] == image]


def combined(stages: Mapping[str, str]) -> str:
    """One digest over the digests of an image's stages; empty if it has no stage."""
    return _sha256(dict(stages)) if stages else ""


def _sha256(document: Any) -> str:
    return f"sha256:{hashlib.sha256(rfc8785.dumps(document)).hexdigest()}"
