"""Paths as the user typed them: `bazel run` starts programs in their runfiles."""

from __future__ import annotations

import os
from pathlib import Path


def typed(path: str) -> Path:
    """Seen from the folder the user stands in."""
    return Path(os.environ.get("BUILD_WORKING_DIRECTORY", Path.cwd()), path)
