"""The sample, written once for all tests."""

from __future__ import annotations

import pytest
from written import SEED, Sample

from sq_sample.market import write_sample
from sq_sample.plans import EVERYTHING, NOTHING


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
