"""Resolves paths that the user typed, because `bazel run` starts programs in their runfiles."""

from __future__ import annotations

import os
from pathlib import Path


def typed(path: str) -> Path:
    """Resolves a path against the user's working directory."""
    return Path(os.environ.get("BUILD_WORKING_DIRECTORY", Path.cwd()), path)
