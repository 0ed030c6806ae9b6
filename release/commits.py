"""Reads the history of the checkout with git."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_BREAKING = re.compile(r"^\w+(\([^)]*\))?!:|^BREAKING[ -]CHANGE:", re.MULTILINE)
_FEATURE = re.compile(r"feat(\([^)]*\))?:")


class GitError(Exception):
    """git failed. The message has its answer."""


@dataclass(frozen=True)
class Commit:
    """One commit.

    Attributes:
        message: subject, and what follows it.
        changed: the paths it changed, without those it removed.
        removed: the paths it removed. A renamed file is removed and added.
    """

    revision: str
    message: str
    changed: frozenset[str]
    removed: frozenset[str]

    @property
    def subject(self) -> str:
        return self.message.partition("\n")[0]

    @property
    def level(self) -> str:
        """What its message asks for, by Conventional Commits; a message without their marks asks for patch."""
        if _BREAKING.search(self.message):
            return "major"
        return "minor" if _FEATURE.match(self.subject) else "patch"


# Without ==, so that each object has its own cache.
@dataclass(frozen=True, eq=False)
class History:
    """The commits that lead to HEAD."""

    root: Path

    @classmethod
    def of(cls, root: Path) -> History:
        """The history of a checkout.

        Raises:
            GitError: root is not in one, or has no commit.
        """
        made = cls(root)
        made._git("rev-parse", "--verify", "HEAD")
        return made

    def commit_of_tag(self, tag: str) -> str | None:
        try:
            return self._git("rev-parse", "--verify", "--quiet", f"refs/tags/{tag}^{{commit}}").strip()
        except GitError:
            return None

    def text(self, revision: str, path: str) -> str:
        """A file at a revision; empty if it is not there."""
        try:
            return self._git("show", f"{revision}:{path}")
        except GitError:
            return ""

    def touching(self, path: str) -> list[str]:
        """Revisions that changed a file, the newest first."""
        return self._git("log", "--no-merges", "--format=%H", "--", path).split()

    def since(self, base: str) -> list[Commit]:
        """The commits after base, the newest first."""
        return _since(self, base)

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.root), "-c", "core.quotePath=off", *arguments]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
        if done.returncode:
            raise GitError(f"git {arguments[0]}: {done.stderr.strip()}")
        return done.stdout


@lru_cache
def _since(history: History, base: str) -> list[Commit]:
    # Every field ends with a character that no message has.
    text = history._git("log", "--no-merges", "--no-renames", "--name-status", "--format=%x1e%H%x1f%B%x1f", f"{base}..")
    return [_commit(entry) for entry in text.split("\x1e")[1:]]


def _commit(entry: str) -> Commit:
    revision, message, files = entry.split("\x1f")
    states = [line.split("\t", 1) for line in files.splitlines() if line]
    return Commit(
        revision,
        message.strip(),
        frozenset(path for state, path in states if state != "D"),
        frozenset(path for state, path in states if state == "D"),
    )
