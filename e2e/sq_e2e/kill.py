"""`bazel run //e2e:kill`: kill -9 of a whole run at random instants, each followed by a re-run.

The re-run must give the artefact digests of an undisturbed run, and must not ask the judge again for anything whose
answer was kept when the run was killed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from sq_demo.search import search_service
from sq_e2e.checks import Checks
from sq_e2e.places import SAMPLE, SEARCHD, sq_command

_SEGMENTS = 12
_RUN_SECONDS = 300


@dataclass(frozen=True)
class Shop:
    """The sample shop, ready to be run: its configuration and the judge's call log."""

    config: Path
    workspace: Path
    calls: Path
    environment: dict[str, str]

    def start(self, run_id: str) -> subprocess.Popen:
        """A run in a process group of its own."""
        return subprocess.Popen(
            [*sq_command(), "run", str(self.config), "--run-id", run_id],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def finish(self, run_id: str) -> None:
        """Runs to the end. Raises RuntimeError with the run's own words where it fails."""
        run = self.start(run_id)
        _, said = run.communicate(timeout=_RUN_SECONDS)
        if run.returncode != 0:
            raise RuntimeError(f"run {run_id} ended with {run.returncode}:\n{said.decode()[-2000:]}")

    def digests(self, run_id: str) -> dict[str, str]:
        """Artefact digests by folder below the run."""
        folder = self.workspace / run_id
        return {
            str(path.parent.relative_to(folder)): json.loads(path.read_text())["digest"]
            for path in sorted(folder.rglob("manifest.json"))
        }

    def kept_answers(self, run_id: str) -> set[str]:
        """Digests of the requests whose answers are stored."""
        return {path.stem for path in (self.workspace / run_id).glob("**/answers/*/*.json")}

    def asked(self, since: int = 0) -> list[str]:
        """Digests of the requests the judge was sent, from the given call on."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [json.loads(line)["request"] for line in lines[since:]]


@contextmanager
def _judge(calls: Path) -> Iterator[str]:
    """The LLM stand-in; gives its base URL."""
    command = [sys.executable, "-m", "sq_llm_server", "--log", str(calls), "--delay-seconds", "0.02"]
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
    config["defaults"]["generate"] |= {"segments": _SEGMENTS, "queries_per_segment": 3, "tail_segments": 2}
    config["defaults"]["shards"] = 2
    path.write_text(yaml.safe_dump(config), encoding="utf-8")


@contextmanager
def _shop(folder: Path) -> Iterator[Shop]:
    """The sample shop in a folder of its own, so that its configuration may differ."""
    for source in SAMPLE.iterdir():
        if source.name != "sample.yaml":
            (folder / source.name).symlink_to(source)
    calls = folder / "calls.ndjson"
    with search_service(SEARCHD, SAMPLE) as search_url, _judge(calls) as judge_url:
        config = folder / "kill.yaml"
        _write_config(config, judge_url)
        environment = os.environ | {
            "SQ_SEARCH_URL": search_url,
            "SQ_WORKSPACE": str(folder / "runs"),
            "XDG_STATE_HOME": str(folder / "state"),
            "OPENAI_API_KEY": "stand-in",
            "BUILD_WORKING_DIRECTORY": str(folder),
        }
        yield Shop(config, folder / "runs", calls, environment)


def _kill_and_rerun(shop: Shop, number: int, instant: float, expected: dict[str, str]) -> str:
    run_id = f"killed-{number}"
    run = shop.start(run_id)
    time.sleep(instant)  # the instant is the test's input, not a wait for something
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    kept, asked_before = shop.kept_answers(run_id), len(shop.asked())
    there = shop.digests(run_id)
    shop.finish(run_id)
    repeated = kept & set(shop.asked(asked_before))
    assert not repeated, f"{len(repeated)} calls were made again though their answers were kept"
    found = shop.digests(run_id)
    assert found == expected, f"digests differ in {sorted(k for k in expected if found.get(k) != expected[k])}"
    return f"after {instant:.2f} s: {len(there)} artefacts and {len(kept)} answers were there"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)
    flags = parser.parse_args()
    rng = random.Random(flags.seed)
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="sq-kill-") as name, _shop(Path(name)) as shop:
        with checks.check("undisturbed run"):
            started = time.monotonic()
            shop.finish("undisturbed")
            seconds = time.monotonic() - started
            expected = shop.digests("undisturbed")
            assert shop.kept_answers("undisturbed") == set(shop.asked()), "the judge's log and the kept answers differ"
            print(f"     {seconds:.1f} s, {len(expected)} artefacts, {len(shop.asked())} judge calls", flush=True)
        if checks.failed:
            return checks.close()
        for number in range(flags.kills):
            with checks.check(f"kill -9 number {number + 1}"):
                print(f"     {_kill_and_rerun(shop, number, rng.uniform(0, seconds), expected)}", flush=True)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
