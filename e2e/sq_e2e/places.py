"""Paths of the files that the checks use. The runfiles have the layout of the source tree."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(os.environ.get("SQ_E2E_ROOT") or Path(__file__).absolute().parents[2])
SAMPLE = ROOT / "examples/sample/market"
SEARCHD = ROOT / "examples/searchd/sq-searchd"
OPENSEARCH = Path(os.environ.get("SQ_OPENSEARCH") or ROOT.parent / "opensearch/files")


def sq_command() -> list[str]:
    """The `sq` program."""
    return [str(ROOT / "cli/sq")]


def shared_data() -> Path:
    """The folder of real data: SQ_SHARED_DATA, or ../shared/data beside the checkout.

    Raises:
        RuntimeError: the folder does not exist.
    """
    here = Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY") or os.environ.get("BUILD_WORKING_DIRECTORY") or ".")
    path = Path(os.environ.get("SQ_SHARED_DATA") or here.absolute().parent / "shared/data")
    if not path.is_dir():
        raise RuntimeError(f"{path} does not exist: set SQ_SHARED_DATA to the folder with chorus/ and ubi/")
    return path
