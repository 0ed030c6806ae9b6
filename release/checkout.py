"""The git checkout that built a program."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def revision(ignore: Path) -> str:
    """The commit, followed by -dirty if a file other than `ignore` differs; "" outside a git checkout."""
    root = _root()
    commit = _git(root, "rev-parse", "HEAD")
    if commit is None:
        return ""
    paths = ["."]
    if ignore.absolute().is_relative_to(root):
        paths.append(f":(exclude,top){ignore.absolute().relative_to(root)}")
    return commit + ("-dirty" if _git(root, "status", "--porcelain", "--", *paths) else "")


def remote() -> str:
    """The URL of the remote `origin`, or ""."""
    return _git(_root(), "config", "--get", "remote.origin.url") or ""


def _root() -> Path:
    return Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", Path.cwd()))


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return None if done.returncode else done.stdout.strip()
