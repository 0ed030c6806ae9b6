"""The sample, written once for all tests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from sq_sample.market import write_sample
from sq_sample.plans import EVERYTHING, NOTHING

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


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Everything planted."""
    folder = tmp_path_factory.mktemp("broken")
    write_sample(folder, SEED, EVERYTHING)
    return Sample(folder)


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Nothing planted."""
    folder = tmp_path_factory.mktemp("clean")
    write_sample(folder, SEED, NOTHING)
    return Sample(folder)
