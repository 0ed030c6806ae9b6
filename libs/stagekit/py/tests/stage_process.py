"""Runs the smallest possible stage as a process."""

import os
import subprocess
import sys
from pathlib import Path

ECHO = Path(__file__).parent / "echo"


def echo(*flags: str, folder: Path = ECHO, **env: str) -> subprocess.CompletedProcess:
    path = os.pathsep.join([str(folder), *sys.path])
    return subprocess.run(
        [sys.executable, "-m", "sq_echo", *flags],
        env=os.environ | {"PYTHONPATH": path} | env,
        capture_output=True,
        text=True,
        check=False,
    )


def flags(source: str, output: Path, config: str = "{}", *more: str) -> list[str]:
    return [
        "--run-id=r1",
        "--market=uk",
        f"--config={config}",
        f"--input=differences={source}",
        f"--output={output}",
        *more,
    ]
