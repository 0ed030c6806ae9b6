"""Runs sq-generate with and without Spark, as processes."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sq_e2e.places import ROOT, SAMPLE

PLAIN = Path(os.environ.get("SQ_GENERATE") or ROOT / "stages/generate_py/sq-generate")
WITH_SPARK = Path(os.environ.get("SQ_GENERATE_SPARK") or ROOT / "stages/generate_py/sq-generate-spark")
_SECONDS = 3600
# Each run is short. Java starts three times as fast if it compiles little.
_QUICK = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}


@dataclass(frozen=True)
class Ending:
    """The result of a program. `log` is its stderr."""

    code: int
    handoff: str
    log: str

    @property
    def digest(self) -> str:
        if self.code:
            raise RuntimeError(f"exit {self.code}:\n{self.log[-2000:]}")
        return json.loads(self.handoff)["digest"]


@dataclass
class Generate:
    """Runs sq-generate over one catalogue. Each run has its own output.

    Attributes:
        environment: variables in addition to those of this process.
    """

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    _runs: int = 0

    def config(self, log: Mapping, **changes: object) -> dict:
        return {
            "source_language": "en",
            "target_language": "en",
            "log": dict(log),
            "catalogue": {"uri": str(SAMPLE / "catalogue.en.ndjson")},
            "query_budget": 200,
            "seed": 7,
        } | changes

    def duckdb(self, log: Mapping, **changes: object) -> Ending:
        return self.finish(PLAIN, self.config(log, **changes))

    def spark(self, log: Mapping, options: Mapping | None = None, **changes: object) -> Ending:
        return self.finish(WITH_SPARK, self.spark_config(log, options, **changes))

    def spark_config(self, log: Mapping, options: Mapping | None = None, **changes: object) -> dict:
        spark = {"master": "local[2]"} | dict(options or {})
        return self.config(log, engine="ENGINE_SPARK", spark=spark, **changes)

    def finish(self, program: Path, config: Mapping, environment: Mapping[str, str] | None = None) -> Ending:
        process = self.start(program, config, environment=environment)
        handoff, log = process.communicate(timeout=_SECONDS)
        return Ending(process.returncode, handoff, log)

    def start(
        self, program: Path, config: Mapping, run_id: str = "", environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen:
        """Starts a process in its own session. The run id of an earlier run resumes that run."""
        self._runs += 1
        run_id = run_id or f"run-{self._runs}"
        flags = ["--run-id", run_id, "--market", "uk", "--config", json.dumps(config, ensure_ascii=False)]
        # Bazel sets PYTHONPATH to the packages of this program, which include pyspark.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.Popen(
            [str(program), *flags, "--output", str(self.folder / run_id)],
            env=inherited | _QUICK | dict(self.environment) | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def expect_refusal(ending: Ending, code: int, words: str) -> None:
    """Checks that a program ended with an exit code and a message, and without a traceback."""
    assert ending.code == code, f"exit {ending.code}: {ending.log[-1500:]}"
    assert words in ending.log, ending.log[-1500:]
    assert "Traceback" not in ending.log, ending.log[-1500:]


def java_of(process: subprocess.Popen) -> int:
    """Waits for a run's Spark driver and returns its process id. Raises RuntimeError if the run ends first."""

    def look() -> int:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        return next((int(pid) for pid in children if _is_driver(pid)), 0)

    def find() -> int:
        if process.poll() is not None:
            raise RuntimeError(f"the run ended with {process.returncode}:\n{process.stderr.read()[-2000:]}")
        return look()

    return await_(find, "Spark's driver to start")


def await_line(process: subprocess.Popen, words: str) -> None:
    """Reads a run's log up to a line with these words. Raises RuntimeError if the log ends first."""
    seen = ""
    for line in process.stderr:
        if words in line:
            return
        seen += line
    raise RuntimeError(f"the log ended without {words!r}:\n{seen[-2000:]}")


def await_(found: Callable[[], object], what: str, seconds: float = 300) -> object:
    """Waits until a function returns something true, and returns that. Raises RuntimeError after the time limit."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.1)
    return value


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _is_driver(pid: str) -> bool:
    try:
        return b"org.apache.spark.deploy.SparkSubmit" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return False


def empty_folder(folder: Path, name: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder))
