"""Runs a program and measures the peak memory of its whole process tree."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# A measurement of some GiB takes 0.1 s. The pauses keep the measurements below a tenth of one core.
_PAUSE_SECONDS = 0.25
_PAUSE_PER_LOOK = 9
_KIB = 1 << 10


@dataclass(frozen=True)
class Usage:
    """What a program used.

    Attributes:
        seconds: wall-clock time.
        peak: largest memory of the process tree, in bytes. A page that processes share counts once (PSS).
    """

    stdout: str
    seconds: float
    peak: int


def watch(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Usage:
    """Runs a program and measures it. Raises RuntimeError with its stderr if it fails."""
    started = time.perf_counter()
    program = subprocess.Popen(
        list(command), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    peak, pause = 0, _PAUSE_SECONDS
    while True:
        try:
            stdout, stderr = program.communicate(timeout=pause)
            break
        except subprocess.TimeoutExpired:
            measured = time.perf_counter()
            peak = max(peak, sum(_pss(pid) for pid in _tree(program.pid)))
            pause = max(_PAUSE_SECONDS, _PAUSE_PER_LOOK * (time.perf_counter() - measured))
    if program.returncode:
        raise RuntimeError(f"{command[0]} ended with {program.returncode}:\n{stderr[-2000:]}")
    return Usage(stdout, time.perf_counter() - started, peak)


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for listing in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in listing.read_text().split()]
            except OSError:
                continue
    return found


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * _KIB for line in lines if line.startswith("Pss:")), 0)
