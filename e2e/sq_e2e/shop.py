"""The whole pipeline over the sample shop, with a stand-in for a paid judge."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from sq_demo.search import search_service
from sq_e2e.artefacts import digests
from sq_e2e.places import SAMPLE, SEARCHD, sq_command
from sq_llm.cache.sqlite_place import FILE

KEY = "key-of-the-stand-in"
_QUERIES = 42
_RUN_SECONDS = 900


@dataclass(frozen=True)
class Shop:
    """The sample shop: its run configuration, its artefacts and the judge's log of calls."""

    config: Path
    workspace: Path
    calls: Path
    environment: Mapping[str, str]

    def start(self, run_id: str, *options: str) -> subprocess.Popen:
        """Starts a run in its own process group."""
        return subprocess.Popen(
            [*sq_command(), "run", str(self.config), "--run-id", run_id, *options],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def finish(self, run_id: str, *options: str, expect: int = 0) -> str:
        """Runs to the end and returns stderr. Raises RuntimeError if it ends with another exit code."""
        run = self.start(run_id, *options)
        try:
            _, log = run.communicate(timeout=_RUN_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            raise
        if run.returncode != expect:
            raise RuntimeError(f"run {run_id} ended with {run.returncode}:\n{log.decode()[-2000:]}")
        return log.decode()

    def digests(self, run_id: str) -> dict[str, str]:
        """Artefact digests by folder below the run."""
        return digests(self.workspace / run_id)

    def kept_answers(self, run_id: str) -> set[str]:
        """Digests of the requests whose answers are stored. No stage of the run may be at work."""
        files = (self.workspace / run_id).rglob(FILE)
        return {digest for file in files for digest in _digests_of_answers(file)}

    def asked(self, since: int = 0) -> list[str]:
        """Digests of the requests that the judge received, without the first `since`."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [json.loads(line)["request"] for line in lines[since:]]

    def await_call(self, run: subprocess.Popen, after: int) -> None:
        """Waits until the judge was called more than `after` times. Raises RuntimeError if the run ends first."""
        deadline = time.monotonic() + _RUN_SECONDS
        while len(self.asked()) <= after:
            if run.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the judge was not called:\n{run.stderr.read().decode()[-2000:]}")
            time.sleep(0.02)


def _digests_of_answers(file: Path) -> set[str]:
    """What the file of SQLite holds. Reads a copy, with its log: reading may change both, and their owner."""
    with tempfile.TemporaryDirectory(prefix="sq-answers-") as folder:
        for part in file.parent.glob(f"{file.name}*"):
            shutil.copy(part, folder)
        with closing(sqlite3.connect(Path(folder) / file.name)) as entries:
            names = entries.execute("SELECT name FROM entries WHERE name LIKE 'answers/%'").fetchall()
    return {Path(name).stem for (name,) in names}


@contextmanager
def shop(folder: Path, delay_seconds: float = 0.02) -> Iterator[Shop]:
    """The sample shop in its own folder, with its servers.

    Args:
        delay_seconds: how long the judge takes for an answer.
    """
    for source in SAMPLE.iterdir():
        if source.name != "sample.yaml":
            (folder / source.name).symlink_to(source)
    calls = folder / "calls.ndjson"
    with search_service(SEARCHD, SAMPLE) as search_url, _judge(calls, delay_seconds) as judge_url:
        config = folder / "shop.yaml"
        _write_config(config, judge_url)
        environment = os.environ | {
            "SQ_SEARCH_URL": search_url,
            "SQ_WORKSPACE": str(folder / "runs"),
            "XDG_STATE_HOME": str(folder / "state"),
            "OPENAI_API_KEY": KEY,
            "BUILD_WORKING_DIRECTORY": str(folder),
        }
        yield Shop(config, folder / "runs", calls, environment)


@contextmanager
def _judge(calls: Path, delay_seconds: float) -> Iterator[str]:
    """Runs the stand-in for a model. Yields its base URL."""
    command = [sys.executable, "-m", "sq_llm_server", "--log", str(calls), "--delay-seconds", str(delay_seconds)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


def _write_config(path: Path, judge_url: str) -> None:
    config = yaml.safe_load((SAMPLE / "sample.yaml").read_text(encoding="utf-8"))
    config["defaults"]["evaluate"] = {
        "openai": {"endpoint": {"model": "stand-in", "base_url": judge_url}},
        "depth": 10,
    }
    config["defaults"]["generate"] |= {"query_budget": _QUERIES}
    config["defaults"]["shards"] = 2
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
