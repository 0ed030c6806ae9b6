"""Runs the commands of container engines."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from sq_stagekit.errors import TryAgainError

_TIMEOUT_SECONDS = 20
_SHOWN_CHARACTERS = 1000


def succeeds(*command: str) -> bool:
    """Whether a command exists and succeeds."""
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_TIMEOUT_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def output(*command: str, folder: Path | None = None) -> str:
    """The stdout of a command that runs in the folder. Raises TryAgainError with its stderr if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, cwd=folder)
    if done.returncode != 0:
        raise TryAgainError(f"{' '.join(command[:3])} failed: {done.stderr.strip()[-_SHOWN_CHARACTERS:]}")
    return done.stdout


def pipe(write: Callable[[BinaryIO], None], *command: str) -> None:
    """Runs a command and writes its stdin. Raises TryAgainError if it fails; its stderr goes to ours."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        try:
            write(process.stdin)
            process.stdin.close()
        except BrokenPipeError:
            pass  # the exit code below reports the failure
    if process.returncode != 0:
        raise TryAgainError(f"{' '.join(command)} failed with exit code {process.returncode}")


def on_loopback(reference: str) -> bool:
    """Whether an image's registry is on this machine, and so has no TLS."""
    return reference.partition("/")[0].partition(":")[0] in ("localhost", "127.0.0.1")
